"""Plants numbers that hardly ever occur by chance: negative zeros, steps of zeros, subnormals."""

from collections.abc import Iterable

import numpy as np

from harness.draw.bits import Bits

# By weight, as among AIMS: 4 of 13 cases have such numbers.
RARE = ("none",) * 9 + ("zeros",) * 2 + ("subnormals",) * 2
EVERY = 7  # one number in so many is replaced


def plant(
    kind: str,
    weights: Iterable[np.ndarray],
    inputs: np.ndarray,  # (B, T, I)
    h_0: np.ndarray,
    exact: bool,
    bits: Bits,
) -> None:
    """Writes rare numbers of a kind in `RARE` into the arrays of a case.

    An exact case stays exact: some of its zeros become negative, and nothing becomes subnormal.
    An array of zeros, such as a bias left out, stays as it is, and so does a small one of a rounded
    case: it would hold nothing else.
    """
    if kind == "none":
        return
    for array in (*weights, inputs):
        _plant(kind, array, exact, bits)
    if kind == "zeros" and inputs.shape[2] > 1:  # a single feature may cancel the bias
        for row in inputs:  # a step of zeros, as padding would be
            row[bits.below(len(row))] = 0
    _plant(kind, h_0, exact, bits)


def _plant(kind: str, array: np.ndarray, exact: bool, bits: Bits) -> None:
    if not array.any() or (array.size < EVERY and not exact):
        return
    start = bits.below(EVERY)
    if exact:
        array.put(np.flatnonzero(array == 0)[start % 2 :: 2], -0.0)
    elif kind == "zeros":
        array.flat[start::EVERY] = -0.0
    else:
        places = np.arange(start, array.size, EVERY)
        array.put(places, bits.fractions(20, places.size) * np.finfo(array.dtype).tiny)
