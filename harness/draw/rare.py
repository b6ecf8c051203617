"""Plants numbers that hardly ever occur by chance: negative zeros, steps of zeros, subnormals."""

from typing import NamedTuple

import numpy as np

from harness.draw.bits import Bits
from harness.judge.observe import copy_with
from references.arrays import over_bytes
from references.case import CellWeights

# Thirteen, as `deal` has levels: 4 of 13 cases have such numbers.
RARE = ("none",) * 9 + ("zeros",) * 2 + ("subnormals",) * 2
EVERY = 7  # one number in so many is replaced


class Numbers(NamedTuple):
    """The numbers of a case."""

    weights: tuple[CellWeights, ...]
    inputs: np.ndarray  # (B, T, I)
    h_0: np.ndarray  # (L*D, B, H)


def plant(kind: str, numbers: Numbers, exact: bool, bits: Bits) -> Numbers:
    """The numbers with rare ones of a kind in `RARE` among them.

    An exact case stays exact: some of its zeros become negative, and nothing becomes subnormal.
    An array of zeros, such as a bias left out, stays as it is, and so does a small one of a rounded
    case: it would hold nothing else.
    """

    def changed(array: np.ndarray) -> np.ndarray:
        if not array.any() or (array.size < EVERY and not exact):
            return array
        flat = array.ravel().copy()
        start = bits.below(EVERY)
        if exact:
            flat[np.flatnonzero(flat == 0)[start % 2 :: 2]] = -0.0
        elif kind == "zeros":
            flat[start::EVERY] = -0.0
        else:
            few = flat[start::EVERY]
            few[:] = bits.fractions(20, few.size) * np.finfo(array.dtype).tiny
        return over_bytes(flat.reshape(array.shape))

    if kind == "none":
        return numbers
    weights = tuple(
        copy_with(cell, **{name: changed(array) for name, array in cell.arrays().items()})
        for cell in numbers.weights
    )
    inputs = changed(numbers.inputs)
    if kind == "zeros" and inputs.shape[2] > 1:  # a single feature may cancel the bias
        inputs = _with_steps_of_zeros(inputs, bits)
    return Numbers(weights, inputs, changed(numbers.h_0))


def _with_steps_of_zeros(inputs: np.ndarray, bits: Bits) -> np.ndarray:
    """Inputs (B, T, I) that are all 0 at one step of each row, as padding would be."""
    batch, time, _ = inputs.shape
    changed = inputs.copy()
    for row in range(batch):
        changed[row, bits.below(time)] = 0
    return over_bytes(changed)
