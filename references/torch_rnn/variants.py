"""The ways of writing and calling torch's layers that have a name: each one changes one thing from the plain mirror.

All copy W, U, both biases and the initial state, and fold nothing; what else a variant moves stands in its first line.
"""

from typing import Any

from references.case import Case, Outputs
from references.torch_rnn.calls import compute
from references.torch_rnn.cells import compute_cells
from references.torch_rnn.options import Options


def written(case: Case, **options: Any) -> Outputs:
    """The case as these Options say; also what the tests of combinations call."""
    chosen = Options(**options)
    return (compute_cells if chosen.module == "cells" else compute)(case, chosen)


def time_major(case: Case) -> Outputs:
    """Transposes batch and time: `nn.RNN` as it is without batch_first."""
    return written(case, layout="time_major")


def unbatched(case: Case) -> Outputs:
    """Copies each row of the batch into a call of its own, (T, I) with a state (L*D, H)."""
    return written(case, layout="unbatched")


def packed(case: Case) -> Outputs:
    """Copies rows of unequal lengths, in any order, into a PackedSequence with `enforce_sorted=False`."""
    return written(case, layout="packed")


def packed_sorted(case: Case) -> Outputs:
    """Sorts the rows by length into a PackedSequence with `enforce_sorted=True`, and sorts them back."""
    return written(case, layout="packed_sorted")


def cells(case: Case) -> Outputs:
    """Copies each layer and direction into an `nn.RNNCell` that is called step by step; go_backwards is a reversed loop."""
    return written(case, module="cells")


def positional(case: Case) -> Outputs:
    """Copies the case into `nn.RNN` with its arguments by position up to bidirectional, in the documented order."""
    return written(case, module="positional")


def all_positional(case: Case) -> Outputs:
    """Copies the case into `nn.RNN` with every argument by position, in the documented order, device and dtype last."""
    return written(case, module="all positional")


def no_grad(case: Case) -> Outputs:
    """Copies the case into a call under `torch.no_grad()`."""
    return written(case, grad="off")


def inference(case: Case) -> Outputs:
    """Copies the case into a call under `torch.inference_mode()`."""
    return written(case, grad="inference")


def halves(case: Case) -> Outputs:
    """Copies the sequence into two calls, the state of the first into the second."""
    return written(case, state="halves")


def default_state(case: Case) -> Outputs:
    """Copies the case, but for the zeros of the initial state: the layer makes its own."""
    return written(case, state="default")


def weights_after(case: Case) -> Outputs:
    """Copies the weights with `load_state_dict` after a first call with others."""
    return written(case, weights="after")


def double(case: Case) -> Outputs:
    """Copies float64 weights into a module that was made for float32 and converted by `.double()`."""
    return written(case, weights="double")


def dropout(case: Case) -> Outputs:
    """Copies the case into layers with `dropout`, in eval mode, where it does not act."""
    return written(case, dropout=True)


def strided(case: Case) -> Outputs:
    """Copies inputs and state into every second element of larger tensors."""
    return written(case, strided=True)
