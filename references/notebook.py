"""A function in the notebook's style, as an implementation."""

from collections.abc import Callable
from functools import wraps

import numpy as np

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


def from_notebook(fn: Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]) -> Callable[[Case], np.ndarray]:
    """`fn(inputs (T, I), W (H, I), U (H, H), b (H,)) -> (T, H)` as an implementation, one row of the batch at a time.

    Folds b = b_W + b_U. Refuses what such a loop has no argument for: layers, directions, masks, an initial state,
    another activation than tanh. `run.limits` are the limits within which it refuses nothing; `verify` draws within them.
    """

    @wraps(fn)
    def run(case: Case) -> np.ndarray:
        config = case.config
        for reason, present in (
            ("several layers", config.num_layers > 1),
            ("two directions", config.bidirectional),
            ("go_backwards", config.go_backwards),
            ("a mask", case.mask is not None),
            ("an initial state", bool(case.initial_state.any())),
            (f"nonlinearity {config.nonlinearity}", config.nonlinearity != "tanh"),
        ):
            if present:
                raise Unsupported(f"a notebook function has no argument for {reason}")
        (cell,) = case.weights
        return np.stack([fn(row, cell.W, cell.U, cell.b_W + cell.b_U) for row in case.inputs])

    run.limits = LIMITS  # type: ignore[attr-defined]
    return run
