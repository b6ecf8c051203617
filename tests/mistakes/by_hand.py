"""Cases small enough to be worked out by hand, and what a planted mistake makes of them."""

from dataclasses import replace

import numpy as np

from harness.mistakes.catalogue import BY_NAME
from references.case import Case, CellWeights, Config, Outputs
from references.numpy_rnn import run as loop


def cell(W=1, U=1, b_W=0, b_U=0) -> CellWeights:
    """Scalars stand for one input and one unit."""
    matrices = (np.atleast_2d(np.asarray(array, float)) for array in (W, U))
    return CellWeights(
        *matrices, *(np.atleast_1d(np.asarray(array, float)) for array in (b_W, b_U))
    )


def linear(inputs, *cells, h_0=None, mask=None, masked_output="repeat", **config) -> Case:
    """Inputs (T,), (B, T) or (B, T, I); without cells one that adds: h = x + h."""
    cells = cells or (cell(),)
    inputs = np.asarray(inputs, float)
    inputs = inputs.reshape((1, -1, 1) if inputs.ndim == 1 else (*inputs.shape[:2], -1))
    I, H = inputs.shape[2], len(cells[0].U)
    settings = Config(I, H, dtype="float64", **{"nonlinearity": "linear", **config})
    case = Case(settings, cells, inputs, None, None, masked_output)
    if h_0 is not None:
        case = replace(case, h_0=np.asarray(h_0, float).reshape(case.h_0.shape))
    return case if mask is None else replace(case, mask=np.atleast_2d(np.asarray(mask, bool)))


def planted(name: str, case: Case) -> Outputs:
    """The outputs of the loop with this mistake, which must show in this case."""
    assert BY_NAME[name].applies(case)
    outputs, right = BY_NAME[name].plant()(case), loop(case)
    assert outputs.sequence.tolist() != right.sequence.tolist() or (
        outputs.h_n.tolist() != right.h_n.tolist()
    )
    return outputs


def column(name: str, case: Case) -> list:
    """The planted outputs of one row and one unit, over time."""
    return planted(name, case).sequence[0, :, 0].tolist()
