"""Exercise 4: how the difference that a wrong start makes fades, step by step."""

from typing import NamedTuple

import numpy as np

from harness.draw.example import notebook_case
from harness.mistakes.catalogue import BY_NAME
from references.numpy_rnn import run as loop

WRONG_START = "initial state of ones"


class Fading(NamedTuple):
    """The loop started from ones, compared with the loop started from zeros."""

    difference: np.ndarray  # (T,) the largest over the units
    close_at_last: bool  # by np.allclose
    close_everywhere: bool


def fading() -> Fading:
    """Runs the scaled example from both starts."""
    case = notebook_case(True, "float64", seed=0)
    right, wrong = (run(case).sequence[0] for run in (loop, BY_NAME[WRONG_START].plant()))
    return Fading(
        np.abs(wrong - right).max(axis=1),
        bool(np.allclose(wrong[-1], right[-1])),
        bool(np.allclose(wrong, right)),
    )
