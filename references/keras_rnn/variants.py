"""The ways of writing and calling Keras' layers that have a name: each one changes one thing from the plain mirror.

Weights are transposed and the biases folded as there; what else a variant copies, adds or takes apart stands in its first line.
"""

from typing import Any

from references.case import Case, Outputs
from references.keras_rnn.calls import compute
from references.keras_rnn.merged import compute_merged
from references.keras_rnn.options import Options


def written(case: Case, **options: Any) -> Outputs:
    """The case as these Options say; also what the tests of combinations call."""
    chosen = Options(**options)
    return (compute_merged if chosen.merge in ("sum", "ave", "mul") else compute)(case, chosen)


def unroll(case: Case) -> Outputs:
    """Copies the case into `SimpleRNN(unroll=True)`."""
    return written(case, unroll=True)


def cell(case: Case) -> Outputs:
    """Copies the case into `RNN(SimpleRNNCell(...))`."""
    return written(case, layer="RNN")


def stacked(case: Case) -> Outputs:
    """Copies all layers into one `RNN(StackedRNNCells([...]))`, which shows the top sequence alone."""
    return written(case, layer="stacked")


def list_of_cells(case: Case) -> Outputs:
    """Copies all layers into one `RNN([...])`, cells and RNN with the case's dtype: the documented way to stack cells."""
    return written(case, layer="stacked", dtype="inside", returns="sequences")


def list_of_one(case: Case) -> Outputs:
    """Copies a single layer into `RNN([SimpleRNNCell(...)])`."""
    return written(case, layer="list of one")


def stacked_reset(case: Case) -> Outputs:
    """Copies all layers into one stateful RNN of stacked cells that was called before and then `reset_state()`."""
    return written(case, layer="stacked", state="reset")


def default_state(case: Case) -> Outputs:
    """Copies the case, but for the zeros of the initial state: the layer makes its own."""
    return written(case, state="default")


def halves(case: Case) -> Outputs:
    """Copies the case into a `stateful=True` stack that is called twice, and joins the two sequences."""
    return written(case, state="halves")


def reset(case: Case) -> Outputs:
    """Copies the case into a `stateful=True` stack that was called on the reversed inputs and then `reset_state()`."""
    return written(case, state="reset")


def reset_to(case: Case) -> Outputs:
    """Copies the initial state by `reset_state(states=...)`, as the documentation of keras.layers.RNN says."""
    return written(case, state="reset_to")


def masking(case: Case) -> Outputs:
    """Copies the mask into inputs that a `Masking` layer reads back from them; the layers make their own zero states."""
    return written(case, mask="masking", state="default")


def masking_and_state(case: Case) -> Outputs:
    """Copies the mask into inputs that a `Masking` layer reads back from them, and passes `initial_state`."""
    return written(case, mask="masking")


def mask_int8(case: Case) -> Outputs:
    """Copies the mask as zeros and ones of int8: "binary tensor" in the documentation."""
    return written(case, mask_dtype="int8")


def mask_float32(case: Case) -> Outputs:
    """Copies the mask as zeros and ones of float32."""
    return written(case, mask_dtype="float32")


def backward_layer(case: Case) -> Outputs:
    """Copies the second direction into an explicit `Bidirectional(backward_layer=...)`."""
    return written(case, backward="given")


def made_backward(case: Case) -> Outputs:
    """Copies both directions into a Bidirectional that makes its backward layer, whichever way the forward layer goes."""
    return written(case, backward="made")


def merge_none(case: Case) -> Outputs:
    """Copies the case into `Bidirectional(merge_mode=None)` and joins the two outputs with a Concatenate layer."""
    return written(case, merge=None)


def merge_sum(case: Case) -> Outputs:
    """Takes `Bidirectional(merge_mode="sum")` apart: each layer runs twice, with zero weights in one direction."""
    return written(case, merge="sum")


def merge_ave(case: Case) -> Outputs:
    """Takes `Bidirectional(merge_mode="ave")` apart: each layer runs twice, with zero weights in one direction; outputs are doubled."""
    return written(case, merge="ave")


def merge_mul(case: Case) -> Outputs:
    """Takes `Bidirectional(merge_mode="mul")` apart: each layer runs twice, with weights that make one direction 1."""
    return written(case, merge="mul")


def inner_dtype(case: Case) -> Outputs:
    """Copies the case into layers of its dtype inside a Bidirectional or RNN that is given none."""
    return written(case, dtype="inside", layer="SimpleRNN" if case.config.bidirectional else "RNN")


def no_state(case: Case) -> Outputs:
    """Copies the case into layers with `return_state=False`: there is no final state to check."""
    return written(case, returns="sequences")


def last_output(case: Case) -> Outputs:
    """Copies every beginning (backwards: every end) into a call with `return_sequences=False`; the last outputs are the sequence."""
    return written(case, returns="last")


def last_output_and_state(case: Case) -> Outputs:
    """As `last_output`, with `return_state=True`: the states that come with the whole sequence are the final ones."""
    return written(case, returns="last, state")


def last_output_zero(case: Case) -> Outputs:
    """As `last_output`, with `zero_output_for_mask=True`, which is documented to act only on whole sequences."""
    return written(case, returns="last, state, zeros")


def model(case: Case) -> Outputs:
    """Copies the case into a functional `Model` of inputs, mask and states, called directly."""
    return written(case, call="model")


def predict(case: Case) -> Outputs:
    """Copies the case into a functional `Model` of inputs, mask and states, and calls `predict`."""
    return written(case, call="predict")


def function(case: Case) -> Outputs:
    """Copies the case into layers that are called inside a `tf.function`."""
    return written(case, call="function")


def jit(case: Case) -> Outputs:
    """Copies the case into layers that are called inside a `tf.function(jit_compile=True)`."""
    return written(case, call="jit")


def weights_after(case: Case) -> Outputs:
    """Copies the weights with `set_weights` after a first call with others."""
    return written(case, weights="after")


def initializers(case: Case) -> Outputs:
    """Copies the weights into the layer's initializers, as `Constant` arrays."""
    return written(case, weights="initializer")


def weights_argument(case: Case) -> Outputs:
    """Copies the weights into the argument `weights` of Bidirectional."""
    return written(case, weights="argument")


def saved(case: Case) -> Outputs:
    """Copies the case into a Model that is saved to a .keras file and loaded before the call."""
    return written(case, saved=True)


def dropout(case: Case) -> Outputs:
    """Copies the case into layers with `dropout` and `recurrent_dropout`, which act in training only."""
    return written(case, dropout=True)
