"""Compares an implementation's numbers with enclosures of them, or with a loop's numbers.

An enclosure is an array of complex numbers: centre + 1j * radius.
"""

import numpy as np

from harness.judge.propagate import enclosure_of
from references.case import Outputs

NARROW = 2.0**-6  # an enclosure wider than this share of the outputs' size is no evidence

Pair = tuple[np.ndarray, np.ndarray]  # the implementation's numbers, and an enclosure of them


def inside(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """True where a number lies in its enclosure, or where that says nothing of it."""
    return enclosure_of(expected).holds(actual)


def is_near(actual: np.ndarray, other: np.ndarray) -> np.ndarray:
    """True where some narrow enclosure can hold both numbers, or where one of them is NaN.

    The centre c of such an enclosure is within NARROW * max(|c|, typical) of both.
    """
    with np.errstate(all="ignore"):
        sizes = np.maximum(np.abs(other), _typical(actual)) / (1 - NARROW)
        return ~np.asarray(np.abs(actual - other) > 2 * NARROW * sizes)


def _typical(actual: np.ndarray) -> float:
    sizes = np.abs(actual[np.isfinite(actual)])
    return float(np.median(sizes)) if sizes.size else 0.0


def is_narrow(actual: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """True where an enclosure is narrow enough, beside the size of the numbers, to be evidence."""
    with np.errstate(all="ignore"):
        sizes = np.maximum(np.abs(expected.real), _typical(actual))
        return np.asarray(expected.imag <= NARROW * sizes)


def same(one: Outputs, other: Outputs) -> bool:
    """Equal sequences, and equal final states where both have them."""
    pairs = [(one.sequence, other.sequence), *last_states(one, other)]
    return all(np.array_equal(*pair, equal_nan=True) for pair in pairs)


def last_states(one: Outputs, other: Outputs) -> list[Pair]:
    """h_n, and c_n of an LSTM, of both; without those that one of them does not show."""
    pairs = ((one.h_n, other.h_n), (one.c_n, other.c_n))
    return [(a, b) for a, b in pairs if a is not None and b is not None]
