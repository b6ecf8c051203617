"""Chapter 7: how a wrong start fades, step by step."""

from typing import NamedTuple

import numpy as np

from harness.draw.example import notebook_case
from harness.mistakes.catalogue import BY_NAME
from references.numpy_rnn import run as loop

WRONG_START = "initial state of ones"


class Fading(NamedTuple):
    """The difference that a wrong initial state makes at each step of the scaled example, and what np.allclose says of it."""

    difference: np.ndarray  # (T,) the largest over the units
    close_at_last: bool
    close_everywhere: bool


def fading() -> Fading:
    """The loop started from zeros, as it should be, and from ones."""
    case = notebook_case(True, "float64", seed=0)
    right, wrong = loop(case).sequence[0], BY_NAME[WRONG_START].plant()(case).sequence[0]
    return Fading(
        np.abs(wrong - right).max(axis=1),
        bool(np.allclose(wrong[-1], right[-1])),
        bool(np.allclose(wrong, right)),
    )
