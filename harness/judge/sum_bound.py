"""Bounds a polynomial of stored numbers over every evaluation in the case's dtype.

Expanded to monomials, the computed value is the sum of m (1 + theta) and absolute terms, with
|theta| <= gamma_k and k = n - 1 + d: a monomial passes at most d products and n - 1 additions.
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

LOST = 1.01  # more than absolute errors grow by roundings, where gamma is below a hundredth
WIDENED = 2.0**-45  # more than one rounding of float64 adds to a spread


class SumBound(NamedTuple):
    """Sums (N, H) of `terms` monomials each, as yet unrounded."""

    centre: np.ndarray  # computed in float64
    magnitude: np.ndarray  # sum of the monomials' absolute values; infinite where one may overflow
    # Every monomial is a multiple of 2^grid; -NO_BITS where some leaf is enclosed or subnormal.
    grid: np.ndarray  # broadcasts against centre
    flushed: np.ndarray | float  # what is lost where subnormal operands are read as zero
    terms: int | np.ndarray  # monomials that can be other than 0, for all sums or (N, 1)
    precision: Precision
    spread: np.ndarray | float = 0.0  # what the radii of enclosed operands add
    depth: int = 1  # the most products that one monomial passes through

    def decide(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Centre and radius of the sum over every order, tree and contraction; then its overflows.

        The overflows are to be broadcast.
        """
        precision, magnitude = self.precision, self.magnitude
        k = self.terms - 1 + self.depth + precision.casts * max(self.depth, 1)
        roundings, computed = gamma(k, precision.unit), gamma(k, U64)
        # float64 rounds the centre and the magnitude too: gamma(k, U64) each.
        radius = (roundings + computed) * (1 + 2 * computed) * OUTWARD * magnitude
        radius += self.flushed * ((1 + 2 * computed) * OUTWARD) + 2 * self.terms * precision.tiny
        if isinstance(self.spread, np.ndarray):
            radius += self.spread * ((1 + WIDENED * (k + 4)) * OUTWARD)
        if self.depth > 1:
            radius = np.where(roundings < LOST - 1, radius, np.inf)
        if self.grid.max() >= precision.lowest:
            fits = exponent_of(magnitude) <= precision.bits + self.grid
            exact = (self.grid >= precision.lowest) & (fits | (magnitude == 0))
            np.copyto(radius, 0, where=exact)
        most = roundings if isinstance(roundings, float) else roundings.max()
        if magnitude.max() * (1 + 2 * most) < precision.huge:
            return self.centre, radius, np.zeros((1, 1), bool)
        overflows = ~(magnitude * (1 + 2 * roundings) < precision.huge)  # NaN overflows too
        return np.where(overflows, 0, self.centre), np.where(overflows, np.inf, radius), overflows


def leaf_bound(centre: np.ndarray, radius: np.ndarray | float, precision: Precision) -> SumBound:
    """Stored numbers (N, H) that are known to lie in centre +- radius."""
    magnitude = np.abs(centre) + radius
    flushed = _read_as_zero(np.abs(centre), radius, precision)
    exact = (np.asarray(radius) == 0) & (flushed == 0)
    grid = np.where(exact, grid_of(np.abs(centre)), -NO_BITS)
    return SumBound(centre, magnitude, grid, flushed, 1, precision, radius, 0)


def add(one: SumBound, other: SumBound) -> SumBound:
    """The sum of both."""
    grid = np.minimum(one.grid, other.grid)
    return SumBound(
        one.centre + other.centre,
        one.magnitude + other.magnitude,
        grid,
        one.flushed + other.flushed,
        one.terms + other.terms,
        one.precision,
        one.spread + other.spread,
        max(one.depth, other.depth),
    )


def multiply(one: SumBound, other: SumBound) -> SumBound:
    """The product of both, element by element."""
    precision, M, N = one.precision, one.magnitude, other.magnitude
    a, b = (side.flushed + 2 * side.terms * precision.tiny for side in (one, other))
    s, t = one.spread, other.spread
    spread = np.abs(one.centre) * t + np.abs(other.centre) * s + s * t + U64 * 32 * (M * t + N * s)
    grid = np.maximum(one.grid + other.grid, -NO_BITS)
    zero = (one.grid >= NO_BITS) | (other.grid >= NO_BITS)
    grid = np.where(zero, NO_BITS, np.where(grid >= precision.lowest, grid, -NO_BITS))
    magnitude = M * N
    return SumBound(
        one.centre * other.centre,
        np.where(magnitude * LOST < precision.huge, magnitude, np.inf),
        grid,
        LOST * (a * N + b * M) + a * b,
        one.terms * other.terms,
        precision,
        spread,
        one.depth + other.depth + 1,
    )


def dot(matrix: SumBound, sums: SumBound) -> SumBound:
    """A matrix of exact numbers (H, K) times columns of sums (N, K): (N, H)."""
    precision, M = sums.precision, sums.magnitude
    terms = sums.terms * np.count_nonzero(M, axis=1)[:, np.newaxis]
    lost = sums.flushed + 2 * sums.terms * precision.tiny + np.zeros_like(M)
    subnormal = np.asarray(matrix.flushed).T
    flushed = np.dot(M, subnormal) + np.dot(lost, matrix.magnitude.T)
    spread = np.dot(sums.spread + np.zeros_like(M), matrix.magnitude.T)
    return SumBound(
        np.dot(sums.centre, matrix.centre.T),
        np.dot(M, matrix.magnitude.T),
        _grid_of_products(matrix.grid, sums),
        LOST * flushed + np.dot(lost, subnormal),
        terms,
        precision,
        spread * (1 + 32 * U64),
        sums.depth + 1,
    )


def _grid_of_products(grid: np.ndarray, sums: SumBound) -> np.ndarray:
    """The least grid of the products that can be other than 0; `grid` is the matrix's, (H, K)."""
    if sums.grid.max() < sums.precision.lowest:
        return np.array(-NO_BITS)
    least = np.full((len(sums.magnitude), len(grid)), NO_BITS)
    for one, other in zip(grid.T, np.broadcast_to(sums.grid, sums.magnitude.shape).T, strict=True):
        least = np.minimum(least, np.add.outer(other, one))
    return np.where(least >= sums.precision.lowest, least, -NO_BITS)


def _read_as_zero(
    sizes: np.ndarray, radius: np.ndarray | float, precision: Precision
) -> np.ndarray:
    """What is lost of each number if it is subnormal and read as zero."""
    magnitude = sizes + radius
    subnormal = (sizes - radius < precision.tiny) & (magnitude > 0)
    return np.where(subnormal, np.minimum(magnitude, precision.tiny), 0.0)


@dataclass(frozen=True)
class Factors:
    """One side of the products, stored numbers in float64: a row for each sum, a column a term.

    The terms stand in parts, each with a grid of its own, which begin at the columns `parts`.
    """

    values: np.ndarray
    parts: list[int]
    precision: Precision
    radius: np.ndarray | None = None  # of enclosed numbers

    @cached_property
    def sizes(self) -> np.ndarray:
        """Absolute values of the centres."""
        return np.asarray(np.abs(self.values))

    @cached_property
    def magnitudes(self) -> np.ndarray:
        """The greatest absolute values that the numbers can have."""
        return self.sizes if self.radius is None else self.sizes + self.radius

    @cached_property
    def subnormal(self) -> np.ndarray | None:
        """What is lost where subnormal operands are read as zero; None where there are none."""
        radius = 0.0 if self.radius is None else self.radius
        least = self.sizes - radius
        if not ((least < self.precision.tiny) & (self.magnitudes > 0)).any():
            return None
        return _read_as_zero(self.sizes, radius, self.precision)

    @cached_property
    def grids(self) -> np.ndarray:
        """For each row and part: all its values are multiples of 2^grid."""
        grids = grid_of(self.magnitudes)
        if self.radius is not None:
            grids = np.where(self.radius > 0, -NO_BITS, grids)
        return np.minimum.reduceat(grids, self.parts, axis=1)

    @cached_property
    def terms(self) -> int | np.ndarray:
        """The values that can be other than 0: of every row, or (N, 1). 0 rounds nothing."""
        if np.count_nonzero(self.magnitudes) == self.values.size:
            return int(self.values.shape[1])
        return np.asarray(np.count_nonzero(self.magnitudes, axis=1))[:, np.newaxis]


def sum_bound(rows: Factors, weights: Factors) -> SumBound:
    """rows (N, K) times exact weights (H, K), summed over K."""
    precision = rows.precision
    magnitude = np.dot(rows.magnitudes, weights.magnitudes.T)
    grid = _grid(rows, weights, magnitude)
    flushed: np.ndarray | float = 0.0
    if rows.subnormal is not None:
        flushed = flushed + np.dot(rows.subnormal, weights.magnitudes.T)
    if weights.subnormal is not None:
        flushed = flushed + np.dot(rows.magnitudes, weights.subnormal.T)
    if isinstance(flushed, np.ndarray):
        grid = np.where(flushed > 0, -NO_BITS, grid)
    spread = 0.0 if rows.radius is None else np.dot(rows.radius, weights.magnitudes.T)
    centre = np.dot(rows.values, weights.values.T)
    return SumBound(centre, magnitude, grid, flushed, rows.terms, precision, spread)


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
