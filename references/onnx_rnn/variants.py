"""The variants of ONNX's nodes: each changes one thing of the plain graph.

All copy W, U, both biases and the initial states, reorder gates, and fold nothing. What else a
variant moves its sentence says. What a cell or an engine has not is refused.
"""

from typing import Any

from references import variant
from references.case import Case, Outputs
from references.onnx_rnn import calls
from references.onnx_rnn.exported import exported
from references.onnx_rnn.options import Options


def compute(case: Case, **options: Any) -> Outputs:
    """Computes the case as these Options say."""
    return calls.compute(case, Options(**options))


# By what they vary: the engine, the inputs, the direction, the attributes, the outputs, the run.
# fmt: off
TABLE: tuple[variant.Row, ...] = (
    ("reference", {"engine": "reference"},
     "Copies the case into the same graph, which onnx's own ReferenceEvaluator computes."),
    ("reference_layout", {"engine": "reference", "layout": 1},
     "Copies the case into nodes with `layout=1` for the ReferenceEvaluator: the batch first."),
    ("weights_as_inputs", {"weights": "inputs"},
     "Copies the weights into inputs of a graph that was made once for all cases of a kind."),
    ("default_state", {"state": "default"},
     "Copies the case, but for the zeros of the initial states, which the nodes make themselves."),
    ("halves", {"state": "halves"},
     "Copies the sequence into two runs, the states of the first into the second."),
    ("full_lengths", {"lengths": "always"},
     "Copies the case into nodes with `sequence_lens`, also where no step is masked."),
    ("reverse", {"backwards": "direction"},
     "Copies a layer that reads backwards into a node `direction=reverse`; flips its outputs."),
    ("two_nodes", {"directions": "two nodes"},
     "Copies each direction into a node of its own, forward and reverse, which Concat joins."),
    ("attributes", {"attributes": "all"},
     "Copies the case into nodes whose `activations` and the like are spelled out, also defaults."),
    ("last_output", {"outputs": "last"},
     "Copies every beginning of the sequence into a graph whose top node puts out `Y_h` alone."),
    ("opset_7", {"opset": 7},
     "Copies the case into a graph of opset 7, the oldest that ONNX Runtime computes."),
    ("opset_22", {"opset": 22},
     "Copies the case into a graph of opset 22."),
    ("unoptimized", {"optimized": False},
     "Copies the case into a graph that ONNX Runtime computes as it stands."),
    ("two_threads", {"threads": 2},
     "Copies the case into a graph that ONNX Runtime computes with two threads."),
)
# fmt: on
VARIANTS = {"exported": exported, **variant.functions(__name__, compute, TABLE)}
globals().update(VARIANTS)  # where pickle looks for them
