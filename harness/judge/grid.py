"""Grids: the power of two of which a number, or every term of a sum, is a multiple. Where the grid is coarse enough a sum is exact."""

import numpy as np

NO_BITS = 1 << 20  # the grid of a zero: it is a multiple of every power of two


def grid_of(magnitudes: np.ndarray) -> np.ndarray:
    """The exponent of the lowest set bit of float64s that are not negative, NO_BITS for zero; of NaN and infinity it says nothing."""
    bits = np.ascontiguousarray(magnitudes).view(np.int64)
    significand = (
        bits | 1 << 52
    )  # whatever stands above bit 52 does not matter: the hidden bit is the highest that can be the lowest
    lowest = (significand & -significand).astype(np.float64).view(
        np.int64
    ) >> 52  # its biased exponent
    grid = np.maximum(bits >> 52, 1) + (
        lowest - 2098
    )  # - 1075 for the significand's scale, - 1023 for the bias
    return np.where(bits == 0, NO_BITS, grid)


def exponent_of(magnitudes: np.ndarray) -> np.ndarray:
    """For float64s that are not negative: each is below 2^exponent, which is the least such power where it is normal."""
    return (np.ascontiguousarray(magnitudes).view(np.int64) >> 52) - 1022
