"""Sums products in float64, and bounds every evaluation in the case's dtype: radius and exactness.

Sources: Higham, Accuracy and Stability, sections 3.1 and 4.2; S. M. Rump on rigorous bounds of
dot products.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from harness.judge.activation import OUTWARD
from harness.judge.grid import NO_BITS, exponent_of, grid_of
from harness.judge.precision import U64, Precision, gamma


class SumBound(NamedTuple):
    """Sums (N, H) of `terms` products each, as yet unrounded."""

    centre: np.ndarray  # computed in float64
    magnitude: np.ndarray  # sum of the terms' absolute values
    grid: np.ndarray  # every term is a multiple of 2^grid; broadcasts against centre
    flushed: np.ndarray | float  # what is lost where subnormal operands are read as zero
    terms: int
    precision: Precision

    def decide(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Centre and radius of the sum over every order, tree and contraction; then its overflows.

        The overflows are to be broadcast.
        """
        precision, n, magnitude = self.precision, self.terms, self.magnitude
        roundings = gamma(n + precision.casts, precision.unit)
        # float64 rounds the centre and the magnitude too: gamma(n, U64) each.
        share = (roundings + gamma(n, U64)) * (1 + 2 * gamma(n, U64)) * OUTWARD
        radius = share * magnitude
        radius += self.flushed * ((1 + 2 * gamma(n, U64)) * OUTWARD) + 2 * n * precision.tiny
        if self.grid.max() >= precision.lowest:
            normal = (self.grid >= precision.lowest) & (np.asarray(self.flushed) == 0)
            fits = exponent_of(magnitude) <= precision.bits + self.grid
            np.copyto(radius, 0, where=normal & (fits | (magnitude == 0)))
        if magnitude.max() * (1 + 2 * roundings) < precision.huge:
            return self.centre, radius, np.zeros((1, 1), bool)
        overflows = ~(magnitude * (1 + 2 * roundings) < precision.huge)  # NaN overflows too
        return np.where(overflows, 0, self.centre), np.where(overflows, np.inf, radius), overflows


@dataclass(frozen=True)
class Factors:
    """One side of the products, observed values in float64: a row for each sum, a column a term.

    The terms stand in parts, each with a grid of its own, which begin at the columns `parts`.
    """

    values: np.ndarray
    parts: list[int]
    precision: Precision

    @cached_property
    def magnitudes(self) -> np.ndarray:
        """Absolute values."""
        return np.asarray(np.abs(self.values))

    @cached_property
    def subnormal(self) -> np.ndarray | None:
        """The magnitudes of subnormal operands, 0 elsewhere; None where there are none."""
        subnormal = (self.magnitudes < self.precision.tiny) & (self.magnitudes > 0)
        return np.where(subnormal, self.magnitudes, 0) if subnormal.any() else None

    @cached_property
    def grids(self) -> np.ndarray:
        """For each row and part: all its values are multiples of 2^grid."""
        return np.minimum.reduceat(grid_of(self.magnitudes), self.parts, axis=1)


def sum_bound(rows: Factors, weights: Factors) -> SumBound:
    """rows (N, K) times weights (H, K), summed over K."""
    precision = rows.precision
    flushed: np.ndarray | float = 0.0
    if rows.subnormal is not None:
        flushed = flushed + np.dot(rows.subnormal, weights.magnitudes.T)
    if weights.subnormal is not None:
        flushed = flushed + np.dot(rows.magnitudes, weights.subnormal.T)
    magnitude = np.dot(rows.magnitudes, weights.magnitudes.T)
    grid, terms = _grid(rows, weights, magnitude), weights.values.shape[1]
    centre = np.dot(rows.values, weights.values.T)
    return SumBound(centre, magnitude, grid, flushed, terms, precision)


def _grid(rows: Factors, weights: Factors, magnitude: np.ndarray) -> np.ndarray:
    """The grid of each sum (N, H): all its products are multiples of 2^grid.

    It is -NO_BITS alone where no sum can be exact.
    """
    least = magnitude.min(axis=1)
    # The grid of the first product of each part: the grid of the whole cannot be coarser.
    firsts = grid_of(np.concatenate([side.magnitudes[:, rows.parts] for side in (rows, weights)]))
    highest = (firsts[: len(least)] + firsts[len(least) :].max(axis=0)).min(axis=1)
    if not ((exponent_of(least) <= rows.precision.bits + highest) | (least == 0)).any():
        return np.array(-NO_BITS)
    grid: np.ndarray = np.add.outer(rows.grids[:, 0], weights.grids[:, 0])
    for part in range(1, len(rows.parts)):
        np.minimum(grid, np.add.outer(rows.grids[:, part], weights.grids[:, part]), out=grid)
    return grid
