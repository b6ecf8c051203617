"""A function in the notebook's style, as an implementation."""

from collections.abc import Callable
from functools import wraps

import numpy as np

from references.arrays import frozen
from references.case import Case
from references.unsupported import Unsupported

LIMITS = {
    "num_layers": 1,
    "bidirectional": False,
    "nonlinearity": "tanh",
    "go_backwards": False,
    "masks": False,
    "initial_states": False,
}


def from_notebook(
    fn: Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray],
) -> Callable[[Case], np.ndarray]:
    """Makes an implementation of `fn(inputs (T, I), W (H, I), U (H, H), b (H,)) -> (T, H)`.

    Calls it for one row of the batch at a time, and folds b = b_W + b_U. Refuses what such a loop
    has no argument for: layers, directions, masks, an initial state, another activation than tanh.
    `run.limits` are the limits within which it refuses nothing; `verify` draws within them.

    >>> from references.cells.rnn import simple_rnn
    >>> run = from_notebook(lambda inputs, W, U, b: simple_rnn(inputs, W, U, b))
    >>> run.limits["nonlinearity"]
    'tanh'
    """
    if not callable(fn):
        raise TypeError(f"fn is {fn!r}, expected a function fn(inputs, W, U, b)")

    @wraps(fn)
    def run(case: Case) -> np.ndarray:
        config = case.config
        for reason, present in (
            ("several layers", config.num_layers > 1),
            ("two directions", config.bidirectional),
            ("go_backwards", config.go_backwards),
            ("a mask", case.mask is not None),
            ("an initial state", bool(case.h_0.any())),
            (f"nonlinearity {config.nonlinearity}", config.nonlinearity != "tanh"),
        ):
            if present:
                raise Unsupported(f"a notebook function has no argument for {reason}")
        (cell,) = case.weights
        b = frozen("b", cell.b_W + cell.b_U)
        return np.stack([_outputs(fn(row, cell.W, cell.U, b)) for row in case.inputs])

    run.limits = LIMITS  # type: ignore[attr-defined]
    return run


def _outputs(returned: object) -> np.ndarray:
    """A copy, since the function may use its buffer again; the judge looks at shape and dtype."""
    if type(returned) is not np.ndarray:
        what = "None" if returned is None else f"a {type(returned).__name__}"
        raise TypeError(f"the notebook function returned {what}, expected a numpy.ndarray (T, H)")
    return returned.copy()
