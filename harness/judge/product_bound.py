"""Bounds the sums of products of two matrices, rows times weights, as one polynomial each."""

from functools import partial
from typing import Any

import numpy as np

from harness.judge.factors import Factors
from harness.judge.grid import NO_BITS, exponent_of, least_grid
from harness.judge.sum_bound import SumBound

FEW = 1 << 13  # products of which all grids cost less than to look whether they matter
PER_COLUMN = ("centre", "magnitude", "flushed", "spread")  # a sum's terms are those of its row


def product_bound(rows: Factors, weights: Factors) -> SumBound:
    """rows (N, K) times exact weights (H, K), summed over K."""
    sums = _beside([_sums(rows, block) for block in weights.blocks()])
    grid = partial(_grid, rows, weights, sums.magnitude)
    return sums._replace(grid=grid)


def _sums(rows: Factors, weights: Factors) -> SumBound:
    """The sums without their grids."""
    magnitude = np.dot(rows.magnitudes, weights.magnitudes.T)
    flushed: np.ndarray | float = 0.0
    if rows.subnormal is not None:
        flushed = flushed + np.dot(rows.subnormal, weights.magnitudes.T)
    if weights.subnormal is not None:
        flushed = flushed + np.dot(rows.magnitudes, weights.subnormal.T)
    spread = 0.0 if rows.radius is None else np.dot(rows.radius, weights.magnitudes.T)
    centre = np.dot(rows.values, weights.values.T)
    return SumBound(centre, magnitude, None, flushed, rows.terms, rows.precision, spread)


def _beside(blocks: list[SumBound]) -> SumBound:
    """The sums of all columns, without their grids, from those of some (N, H)."""
    first, *others = blocks
    if not others:
        return first

    def beside(name: str) -> Any:
        items = [getattr(block, name) for block in blocks]
        if not any(isinstance(item, np.ndarray) for item in items):
            return items[0]  # 0 in every block
        pairs = zip(items, blocks, strict=True)
        return np.concatenate(
            [np.broadcast_to(item, block.centre.shape) for item, block in pairs], axis=1
        )

    return first._replace(**{name: beside(name) for name in PER_COLUMN})


def _grid(rows: Factors, weights: Factors, magnitude: np.ndarray) -> np.ndarray:
    """The grid of each sum (N, H): all its products are multiples of 2^grid.

    It is -NO_BITS alone where no sum can be exact. Where the rows and the columns alone do not show
    that a sum is exact, each of its products is looked at.
    """
    if len(rows.values) * weights.size <= FEW:
        products = rows.fine_grids[:, np.newaxis] + weights.fine_grids
        return np.asarray(products.min(axis=2))
    bits = rows.precision.bits
    nonzero, coarsest, zeros = rows.sample
    other, other_coarsest, other_zeros = weights.sample
    # No sum has a coarser grid that has a product of the sample.
    highest = bits + coarsest + other_coarsest.max()
    possible = np.zeros(len(magnitude), bool)
    if not magnitude.min() > np.ldexp(1.0, highest.max()):
        possible |= exponent_of(magnitude.min(axis=1)) <= highest
    if zeros + other_zeros >= len(nonzero):  # else each sum has a product of the sample
        pairs = np.dot(nonzero.T.astype("float32"), other.astype("float32"))
        if pairs.min() == 0:
            possible |= pairs.min(axis=1) == 0
    if not possible.any():
        return np.array(-NO_BITS)
    grid: np.ndarray = np.add.outer(rows.grids[:, 0], weights.grids[:, 0])
    for part in range(1, len(rows.parts)):
        np.minimum(grid, np.add.outer(rows.grids[:, part], weights.grids[:, part]), out=grid)
    needed = np.maximum(exponent_of(magnitude) - bits, rows.precision.lowest)
    unsure = np.flatnonzero(possible & ((grid < needed) & (magnitude > 0)).any(axis=1))
    if unsure.size:
        finer = least_grid(rows.fine_grids[unsure], weights.fine_grids, needed[unsure])
        grid[unsure] = np.maximum(grid[unsure], finer)
    return grid
