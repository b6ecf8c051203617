"""Bounds the sums of products of two matrices, rows times weights, as one polynomial each."""

from functools import partial
from typing import Any

import numpy as np

from harness.judge.bounds.factors import Factors
from harness.judge.bounds.grid import NO_BITS, exponent_of, least_grid
from harness.judge.bounds.precision import PRECISIONS, gamma
from harness.judge.bounds.sum_bound import SumBound

FEW = 1 << 13  # products of which all grids cost less than to look whether they matter
FEW_ROWS = 4  # times as many rows are looked at alone
MANY = 1 << 22  # products from which float32 saves time
SINGLE = PRECISIONS["float32"]
SLIGHT = 2.0**-12  # more than float32 rounds of a magnitude, or that stays in float64
PER_COLUMN = ("centre", "magnitude", "flushed", "spread")  # a sum's terms are those of its row


def product_bound(rows: Factors, weights: Factors) -> SumBound:
    """rows (N, K) times exact weights (H, K), summed over K."""
    count = len(rows.values) * weights.size
    in_single = count > MANY and rows.magnitudes.dtype != SINGLE.dtype
    sums = _beside([_sums(rows, block, in_single) for block in weights.blocks()])
    if _none_is_exact(rows, weights, sums.magnitude):
        return sums
    if count <= FEW:
        return sums._replace(grid=partial(_grid_of_each, rows, weights))
    possible = np.flatnonzero(_may_be_exact(rows, weights, sums.magnitude))
    if not possible.size:
        return sums
    if in_single:
        some = rows.magnitudes[possible]
        magnitudes = [np.dot(some, block.magnitudes.T) for block in weights.blocks()]
        sums.magnitude[possible] = np.concatenate(magnitudes, axis=1)
    return sums._replace(grid=partial(_grid, rows, weights, sums.magnitude, possible))


def _sums(rows: Factors, weights: Factors, in_single: bool) -> SumBound:
    """The sums without their grids; `in_single` their magnitudes may be a bit larger."""
    magnitude = _in_single(rows, weights) if in_single else None
    if magnitude is None:
        magnitude = np.dot(rows.magnitudes, weights.magnitudes.T)
    flushed: np.ndarray | float = 0.0
    if rows.subnormal is not None:
        flushed = flushed + np.dot(rows.subnormal, weights.magnitudes.T)
    if weights.subnormal is not None:
        flushed = flushed + np.dot(rows.magnitudes, weights.subnormal.T)
    spread = 0.0 if rows.radius is None else np.dot(rows.radius, weights.magnitudes.T)
    centre = np.dot(rows.values, weights.values.T)
    return SumBound(centre, magnitude, None, flushed, rows.terms, rows.precision, spread)


def _in_single(rows: Factors, weights: Factors) -> np.ndarray | None:
    """Magnitudes from a product in float32, and what that rounds: it takes half of the time.

    None where a number, a product or a sum may be too small or too large for float32.
    """
    spans = rows.span, weights.span
    least, most = (a * b for a, b in zip(*spans, strict=True))
    count = int(np.max(rows.terms))
    rounded = gamma(count + 4, SINGLE.unit)  # by sums, both sides and the result
    fits = all(SINGLE.tiny <= low and high < SINGLE.huge for low, high in spans)
    fits = fits and SINGLE.tiny <= least and 2 * count * most < SINGLE.huge
    if not (fits and rounded < SLIGHT):
        return None
    magnitude: np.ndarray = np.dot(rows.singles, weights.singles.T).astype(np.float64)
    magnitude *= 1 + 2 * rounded
    return magnitude


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


def _grid_of_each(rows: Factors, weights: Factors) -> np.ndarray:
    """The grid of each sum (N, H), of which each product is looked at."""
    products = rows.fine_grids[:, np.newaxis] + weights.fine_grids
    return np.asarray(products.min(axis=2))


def _none_is_exact(rows: Factors, weights: Factors, magnitude: np.ndarray) -> bool:
    """True where the first column alone shows that no sum is exact: it is in each of them.

    A zero has the coarsest of grids, and shows nothing.
    """
    coarsest = weights.first_grids.max()
    if max(coarsest, rows.first_grids.max()) >= NO_BITS:
        return False
    return not _fits(magnitude, rows.precision.bits + rows.first_grids + coarsest).any()


def _fits(magnitude: np.ndarray, highest: np.ndarray) -> np.ndarray:
    """In which rows (N,) a sum may be below 2^highest, where all its bits fit the significand."""
    shrunk = 1 - 4 * SLIGHT
    fits: np.ndarray = exponent_of(magnitude.min() * shrunk) <= highest  # this costs less
    some = np.flatnonzero(fits)
    if some.size:
        fits[some] = exponent_of(magnitude[some].min(axis=1) * shrunk) <= highest[some]
    return fits


def _may_be_exact(rows: Factors, weights: Factors, magnitude: np.ndarray) -> np.ndarray:
    """In which rows (N,) a sum may be exact, as far as some columns show; else it has no grid."""
    nonzero, coarsest, zeros = rows.sample
    other, other_coarsest, other_zeros = weights.sample
    # No sum has a coarser grid that has a product of the sample.
    possible = _fits(magnitude, rows.precision.bits + coarsest + other_coarsest.max())
    if zeros + other_zeros >= len(nonzero):  # else each sum has a product of the sample
        pairs = np.dot(nonzero.T.astype("float32"), other.astype("float32"))
        possible |= pairs.min(axis=1) == 0
    return possible


def _grid(
    rows: Factors, weights: Factors, magnitude: np.ndarray, possible: np.ndarray
) -> np.ndarray:
    """The grid of each sum (N, H): all its products are multiples of 2^grid.

    Rows that are not `possible`, (N',), have none. Where the rows and the columns alone do not show
    that a sum is exact which may be, each of its products is looked at.
    """
    places, count = possible, len(rows.values)
    if FEW_ROWS * len(possible) < count:
        rows, places = rows.at(possible), np.arange(len(possible))
    some, magnitude = rows.grids[places], magnitude[possible]
    grid: np.ndarray = np.add.outer(some[:, 0], weights.grids[:, 0])
    for part in range(1, len(rows.parts)):
        np.minimum(grid, np.add.outer(some[:, part], weights.grids[:, part]), out=grid)
    needed = np.maximum(exponent_of(magnitude) - rows.precision.bits, rows.precision.lowest)
    unsure = np.flatnonzero(((grid < needed) & (magnitude > 0)).any(axis=1))
    if unsure.size:
        finer = least_grid(rows.fine_grids[places[unsure]], weights.fine_grids, needed[unsure])
        grid[unsure] = np.maximum(grid[unsure], finer)
    if len(grid) == count:
        return grid
    every = np.full((count, grid.shape[1]), -NO_BITS)
    every[possible] = grid
    return every
