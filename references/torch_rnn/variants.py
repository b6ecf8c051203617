"""The variants of torch's layers: each changes one thing of the plain call.

All copy W, U, both biases and the initial states, and fold nothing. What else a variant moves its
sentence says.
"""

from typing import Any

from references import variant
from references.case import Case, Outputs
from references.torch_rnn import calls
from references.torch_rnn.options import Options


def compute(case: Case, **options: Any) -> Outputs:
    """Computes the case as these Options say."""
    return calls.compute(case, Options(**options))


# By what they vary: the layout, the module, its form, the gradient, the state, the weights.
# fmt: off
TABLE: tuple[variant.Row, ...] = (
    ("time_major", {"layout": "time_major"},
     "Transposes batch and time: the layer as it is without batch_first."),
    ("unbatched", {"layout": "unbatched"},
     "Copies each row of the batch into a call of its own, (T, I) with states (L*D, H)."),
    ("packed", {"layout": "packed"},
     "Copies rows of unequal lengths, unsorted, into a PackedSequence, `enforce_sorted=False`."),
    ("packed_sorted", {"layout": "packed_sorted"},
     "Sorts the rows by length into a PackedSequence, `enforce_sorted=True`, and sorts them back."),
    ("cells", {"module": "cells"},
     "Copies each layer and direction into a cell that is called step by step."),
    ("positional", {"module": "positional"},
     "Copies the case into the layer with its arguments by position, up to bidirectional."),
    ("all_positional", {"module": "all positional"},
     "Copies the case into the layer with every argument by position, device and dtype last."),
    ("skip_init", {"module": "skip_init"},
     "Copies the case into a layer that `torch.nn.utils.skip_init` makes."),
    ("vmap", {"layout": "vmap"},
     "Copies the rows of the batch, (T, I) with states (L*D, H), into `torch.func.vmap`."),
    ("saved", {"form": "saved"},
     "Copies the case into a layer that was saved whole and loaded again."),
    ("traced", {"form": "traced"},
     "Copies the case into a layer that `torch.jit.trace` has traced on ones."),
    ("scripted", {"form": "scripted"},
     "Copies the case into a layer that `torch.jit.script` has compiled."),
    ("scripted_cells", {"form": "scripted", "module": "cells"},
     "Copies each layer and direction into a cell that `torch.jit.script` has compiled."),
    ("no_onednn", {"onednn": False},
     "Copies the case into a call without oneDNN, which computes an LSTM in float32 otherwise."),
    ("no_grad", {"grad": "off"},
     "Copies the case into a call under `torch.no_grad()`."),
    ("inference", {"grad": "inference"},
     "Copies the case into a call under `torch.inference_mode()`."),
    ("halves", {"state": "halves"},
     "Copies the sequence into two calls, the states of the first into the second."),
    ("default_state", {"state": "default"},
     "Copies the case, but for the zeros of the initial states: the layer makes its own."),
    ("weights_after", {"weights": "after"},
     "Copies the weights with `load_state_dict` after a first call with others."),
    ("assigned", {"weights": "assigned"},
     "Assigns views of transposed arrays as weights, as a port from Keras may do; copies none."),
    ("functional_call", {"weights": "functional"},
     "Copies the weights into the arguments of `torch.func.functional_call`."),
    ("double", {"weights": "double"},
     "Copies float64 weights into a module that was made for float32, converted by `.double()`."),
    ("dropout", {"dropout": True},
     "Copies the case into layers with `dropout`, in eval mode, where it does not act."),
    ("strided", {"strided": True},
     "Copies inputs and states into every second element of larger tensors."),
)
# fmt: on
VARIANTS = variant.functions(__name__, compute, TABLE)
globals().update(VARIANTS)  # where pickle looks for them
