"""Finds the grid of a number, or of a sum's terms: the power of two of which they are multiples.

Where the grid is coarse enough, a sum is exact.
"""

import numpy as np

NO_BITS = 1 << 20  # the grid of a zero: it is a multiple of every power of two


def grid_of(magnitudes: np.ndarray) -> np.ndarray:
    """The exponent of the lowest set bit of float64s that are not negative; NO_BITS for zero.

    It says nothing of NaN and infinity.
    """
    bits = np.ascontiguousarray(magnitudes).view(np.int64)
    # The hidden bit is the highest that can be the lowest: the bits above it do not matter.
    significand = bits | 1 << 52
    power = (significand & -significand).astype(np.float64)
    lowest = power.view(np.int64) >> 52  # the biased exponent of the lowest set bit
    # 1075 for the significand's scale, 1023 for the bias
    grid = np.maximum(bits >> 52, 1) + (lowest - 2098)
    return np.where(bits == 0, NO_BITS, grid)


def exponent_of(magnitudes: np.ndarray) -> np.ndarray:
    """The exponent of a power of two above each float64 that is not negative.

    It is the least such power where the number is normal.
    """
    return (np.ascontiguousarray(magnitudes).view(np.int64) >> 52) - 1022
