"""The variants of Keras' layers: each changes one thing of the plain call.

W and U are transposed, gates reordered and biases folded as there. What else a variant copies, adds
or takes apart its sentence says. One table serves every cell: what a cell has not is refused.
"""

from typing import Any

from references import variant
from references.case import Case, Outputs
from references.keras_rnn import calls
from references.keras_rnn.merged import compute_merged
from references.keras_rnn.options import Options
from references.keras_rnn.traced import graph


def compute(case: Case, **options: Any) -> Outputs:
    """Computes the case as these Options say."""
    all_options = Options(**options)
    merged = all_options.merge in ("sum", "ave", "mul")
    return (compute_merged if merged else calls.compute)(case, all_options)


def _inside(case: Case) -> dict[str, Any]:
    """The dtype is the inner layers' alone; there has to be a wrapper."""
    return {"dtype": "inside", "layer": "own" if case.config.bidirectional else "RNN"}


# By what they vary: the loop, the state, the mask, the directions, the outputs, the call, the
# weights.
# fmt: off
TABLE: tuple[variant.Row, ...] = (
    ("unroll", {"unroll": True},
     "Copies the case into layers with `unroll=True`."),
    ("cell", {"layer": "RNN"},
     "Copies the case into `RNN(cell)`, of a SimpleRNNCell, GRUCell or LSTMCell."),
    ("stacked", {"layer": "stacked"},
     "Copies all layers into one `RNN(StackedRNNCells([...]))`, which shows the top one alone."),
    ("list_of_cells", {"layer": "stacked", "dtype": "inside", "returns": "sequences"},
     "Copies all layers into one `RNN([...])`, the documented way to stack cells."),
    ("list_of_one", {"layer": "list of one"},
     "Copies a single layer into `RNN([cell])`."),
    ("stacked_reset", {"layer": "stacked", "state": "reset"},
     "Copies all layers into one stateful RNN that was called before and then `reset_state()`."),
    ("default_state", {"state": "default"},
     "Copies the case, but for the zeros of the initial state: the layer makes its own."),
    ("halves", {"state": "halves"},
     "Copies the case into a `stateful=True` stack that is called twice; joins the sequences."),
    ("reset", {"state": "reset"},
     "Copies the case into a `stateful=True` stack that was called and then `reset_state()`."),
    ("reset_to", {"state": "reset_to"},
     "Copies the initial state by `reset_state(states=...)`, as keras.layers.RNN documents."),
    ("masking", {"mask": "masking", "state": "default"},
     "Copies the mask into inputs from which a `Masking` layer reads it; states are zeros."),
    ("masking_and_state", {"mask": "masking"},
     "Copies the mask into inputs from which a `Masking` layer reads it; passes `initial_state`."),
    ("mask_int8", {"mask_dtype": "int8"},
     'Copies the mask as zeros and ones of int8: "binary tensor" in the documentation.'),
    ("mask_float32", {"mask_dtype": "float32"},
     "Copies the mask as zeros and ones of float32."),
    ("backward_layer", {"backward": "given"},
     "Copies the second direction into an explicit `Bidirectional(backward_layer=...)`."),
    ("made_backward", {"backward": "made"},
     "Copies both directions into a Bidirectional that always makes its backward layer itself."),
    ("merge_none", {"merge": None},
     "Copies the case into `Bidirectional(merge_mode=None)`; a Concatenate layer joins the two."),
    ("merge_sum", {"merge": "sum"},
     'Takes `Bidirectional(merge_mode="sum")` apart: two runs, one direction without weights.'),
    ("merge_ave", {"merge": "ave"},
     'Takes `Bidirectional(merge_mode="ave")` apart likewise; outputs are doubled.'),
    ("merge_mul", {"merge": "mul"},
     'Takes `Bidirectional(merge_mode="mul")` apart: two runs, one direction made to be 1.'),
    ("inner_dtype", _inside,
     "Copies the case into layers of its dtype inside a Bidirectional or RNN without one."),
    ("no_state", {"returns": "sequences"},
     "Copies the case into layers with `return_state=False`: there is no final state to check."),
    ("last_output", {"returns": "last"},
     "Calls with `return_sequences=False` on every beginning of the sequence, joins the outputs."),
    ("last_output_and_state", {"returns": "last, state"},
     "As `last_output`, with `return_state=True`: the final states come with the whole sequence."),
    ("last_output_zero", {"returns": "last, state, zeros"},
     "As `last_output`, with `zero_output_for_mask=True`, which may act on whole sequences alone."),
    ("model", {"call": "model"},
     "Copies the case into a functional `Model` of inputs, mask and states, called directly."),
    ("predict", {"call": "predict"},
     "Copies the case into a functional `Model` of inputs, mask and states, and calls `predict`."),
    ("function", {"call": "function"},
     "Copies the case into layers that are called inside a `tf.function`."),
    ("jit", {"call": "jit"},
     "Copies the case into layers that are called inside a `tf.function(jit_compile=True)`."),
    ("weights_after", {"weights": "after"},
     "Copies the weights with `set_weights` after a first call with others."),
    ("initializers", {"weights": "initializer"},
     "Copies the weights into the layer's initializers, as `Constant` arrays."),
    ("weights_argument", {"weights": "argument"},
     "Copies the weights into the argument `weights` of Bidirectional."),
    ("saved", {"saved": True},
     "Copies the case into a Model that is saved to a .keras file and loaded before the call."),
    ("dropout", {"dropout": True},
     "Copies the case into layers with `dropout` and `recurrent_dropout`, for training only."),
    ("implementation_1", {"implementation": 1},
     "Copies the case into GRU or LSTM with `implementation=1`: a product for each gate."),
    ("no_cudnn", {"use_cudnn": False},
     "Copies the case into GRU or LSTM with `use_cudnn=False`."),
)
# fmt: on
VARIANTS = {"graph": graph, **variant.functions(__name__, compute, TABLE)}
globals().update(VARIANTS)  # where pickle looks for them
