"""Finds the grid of a number, or of a sum's terms: the power of two of which they are multiples.

Where the grid is coarse enough, a sum is exact.
"""

import numpy as np

NO_BITS = 1 << 20  # the grid of a zero: it is a multiple of every power of two
ZERO = 4 * NO_BITS  # the same where grids are added: with -NO_BITS it stays above all other grids
STRIDE = 8  # columns between two looks at what is still hopeful


def grid_of(magnitudes: np.ndarray) -> np.ndarray:
    """The exponent of the lowest set bit of numbers that are not negative; NO_BITS for zero.

    It says nothing of NaN and infinity.
    """
    bits = _bits(magnitudes)
    # The hidden bit is the highest that can be the lowest: the bits above it do not matter.
    significand = bits | 1 << 52
    power = (significand & -significand).astype(np.float64)
    lowest = power.view(np.int64) >> 52  # the biased exponent of the lowest set bit
    # 1075 for the significand's scale, 1023 for the bias
    grid = np.maximum(bits >> 52, 1) + (lowest - 2098)
    return np.where(bits == 0, NO_BITS, grid)


def exponent_of(magnitudes: np.ndarray) -> np.ndarray:
    """The exponent of a power of two above each number that is not negative.

    It is the least such power where the number is normal in float64.
    """
    return (_bits(magnitudes) >> 52) - 1022


def are_wide(numbers: np.ndarray, bits: int) -> np.ndarray:
    """Which numbers are so wide that no product of two of them fits a significand of these `bits`.

    A number is as wide as its bits from the highest to the lowest set one: more than half of these.
    It says nothing of numbers that are subnormal in float64, of NaN and infinity.
    """
    last = 53 - (bits + 1) // 2  # bits at the end, of which such a number has some
    wide: np.ndarray = (_bits(numbers) & ((1 << last) - 1)) != 0
    return wide


def _bits(numbers: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(numbers, np.float64).view(np.int64)


def to_add(grids: np.ndarray) -> np.ndarray:
    """Grids as `least_grid` adds them, (N, K): int32, with ZERO for zeros."""
    return np.where(grids >= NO_BITS, ZERO, grids).astype(np.int32)


def least_grid(rows: np.ndarray, weights: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """The least grid of the products of each row (N, K) with each row of weights (H, K).

    Both are grids from `to_add`; a product with a zero counts for nothing. Rows of which no grid
    reaches what is `needed` (N, H) are given up on the way: they have -NO_BITS.
    """
    grids = np.full(needed.shape, -NO_BITS)
    rest = np.arange(len(rows))
    least = np.full(needed.shape, NO_BITS, np.int32)
    # In strides across all columns, since zeros often stand side by side.
    strides = -(-rows.shape[1] // STRIDE)
    for start in range(strides):
        for column in range(start, rows.shape[1], strides):
            product = np.add.outer(rows[rest, column], weights[:, column])
            np.minimum(least, product, out=least)
        hopeful = (least >= needed[rest]).any(axis=1)
        if not hopeful.all():
            rest, least = rest[hopeful], least[hopeful]
            if not rest.size:
                return grids
    grids[rest] = least
    return grids
