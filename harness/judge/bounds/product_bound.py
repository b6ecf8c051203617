"""Bounds the sums of products of two matrices, rows times weights, as one polynomial each."""

from functools import partial
from typing import Any

import numpy as np

from harness.judge.bounds.factors import Factors
from harness.judge.bounds.grid import NO_BITS, exponent_of, least_grid
from harness.judge.bounds.sum_bound import SumBound

PER_COLUMN = ("centre", "magnitude", "flushed", "spread")  # a sum's terms are those of its row


def product_bound(rows: Factors, weights: Factors) -> SumBound:
    """rows (N, K) times exact weights (H, K), summed over K."""
    sums = _beside([_sums(rows, block) for block in weights.blocks()])
    possible = _may_be_exact(rows, weights)
    if not possible.size:
        return sums
    return sums._replace(grid=partial(_grid, rows, weights, sums.magnitude, possible))


def _sums(rows: Factors, weights: Factors) -> SumBound:
    """The sums without their grids."""
    magnitude = np.dot(rows.normal, weights.normal.T)
    flushed: np.ndarray | float = 0.0
    if rows.subnormal is not None:
        flushed = flushed + np.dot(rows.subnormal, weights.magnitudes.T)
    if weights.subnormal is not None:
        flushed = flushed + np.dot(rows.magnitudes, weights.subnormal.T)
    if isinstance(flushed, np.ndarray):
        magnitude += rows.precision.of_bounds(flushed)
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


def _may_be_exact(rows: Factors, weights: Factors) -> np.ndarray:
    """The rows (N',) in which a sum may be exact, as far as some columns show.

    In the others each sum has a product of two wide numbers, which does not fit the significand.
    """
    ours, theirs = rows.sample, weights.sample
    some = np.flatnonzero(~ours[theirs.all(axis=1)].any(axis=0))
    if some.size:
        wide_products = np.dot(ours[:, some].T.astype("float32"), theirs.astype("float32"))
        some = some[wide_products.min(axis=1) == 0]
    return some


def _grid(
    rows: Factors, weights: Factors, magnitude: np.ndarray, possible: np.ndarray
) -> np.ndarray:
    """The grid of each sum (N, H): all its products are multiples of 2^grid.

    Rows that are not `possible`, (N',), have none. Where the rows and the columns alone do not show
    that a sum is exact which may be, each of its products is looked at.
    """
    count = len(rows.values)
    if len(possible) < count:  # else all gates share what is made of the rows
        rows, magnitude = rows.at(possible), magnitude[possible]
    grid: np.ndarray = np.add.outer(rows.grids[:, 0], weights.grids[:, 0])
    for part in range(1, len(rows.parts)):
        np.minimum(grid, np.add.outer(rows.grids[:, part], weights.grids[:, part]), out=grid)
    needed = np.maximum(exponent_of(magnitude) - rows.precision.bits, rows.precision.lowest)
    unsure = np.flatnonzero(((grid < needed) & (magnitude > 0)).any(axis=1))
    if unsure.size:
        finer = least_grid(rows.fine_grids[unsure], weights.fine_grids, needed[unsure])
        grid[unsure] = np.maximum(grid[unsure], finer)
    if len(grid) == count:
        return grid
    every = np.full((count, grid.shape[1]), -NO_BITS)
    every[possible] = grid
    return every
