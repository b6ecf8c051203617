"""Bounds a polynomial of stored numbers over every evaluation in the case's dtype.

Expanded to monomials, the computed value is the sum of m (1 + theta) and absolute terms, with
|theta| <= gamma_k and k = n - 1 + d: a monomial passes at most d products and n - 1 additions.
Sources: Higham, Accuracy and Stability, sections 3.1 and 4.2; S. M. Rump on rigorous bounds of
dot products.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple, cast

import numpy as np

from harness.judge.bounds.grid import NO_BITS, exponent_of, grid_of, least_grid, to_add
from harness.judge.bounds.precision import U64, Precision, gamma, read_as_zero

Grid = Callable[[], np.ndarray]
Join = Callable[[np.ndarray, np.ndarray], np.ndarray]
NOWHERE: Grid = partial(np.array, -NO_BITS)  # the grid of sums of which none is exact
# More than roundings let sums and absolute errors grow, where gamma is below a hundredth.
LOST = 1.01
BESIDE = 2.0**-60  # of a radius: nothing is added where it is so little


class SumBound(NamedTuple):
    """Sums (N, H) of `terms` monomials each, as yet unrounded; + and * are those of polynomials."""

    centre: np.ndarray  # computed in float64
    magnitude: np.ndarray  # sum of the monomials' absolute values; infinite where one may overflow
    # Every monomial is a multiple of 2^grid; -NO_BITS where some leaf is enclosed or subnormal. It
    # broadcasts against centre, and is computed where a sum may be exact; None where none can be.
    grid: Grid | None
    flushed: np.ndarray | float  # what is lost where subnormal operands are read as zero
    terms: int | np.ndarray  # monomials that can be other than 0, for all sums or (N, 1)
    precision: Precision
    spread: np.ndarray | float = 0.0  # what the radii of enclosed operands add
    depth: int = 1  # the most products that one monomial passes through

    @property
    def is_leaf(self) -> bool:
        """True for stored numbers, whose centre is not rounded."""
        return self.depth == 0 and isinstance(self.terms, int) and self.terms == 1

    def each(self, change: Callable[[np.ndarray], np.ndarray]) -> "SumBound":
        """The same change of every array: a choice of some sums, or another shape."""
        arrays = (self.centre, self.magnitude, self.flushed, self.terms, self.spread)
        centre, magnitude, flushed, terms, spread = (
            cast(Any, change(item) if isinstance(item, np.ndarray) else item) for item in arrays
        )
        grid = self.grid
        others = grid and cache(lambda: change(grid()))
        return SumBound(
            centre, magnitude, others, flushed, terms, self.precision, spread, self.depth
        )

    def as_factor(self) -> "SumBound":
        """The sums as operands of a product, which need not be distributed over their terms.

        So they may overflow before it, or be read as zero, however small or large the product is.
        """
        if self.is_leaf:
            return self
        magnitude = _or_overflow(self.magnitude, self.precision)
        grid = self.grid and partial(_normal_grid, self.grid, self.precision.lowest)
        return self._replace(magnitude=magnitude, grid=grid)

    def __add__(self, other: "SumBound") -> "SumBound":  # type: ignore[override]
        """The sum of both."""
        return self._with(other, self.centre + other.centre)

    def __sub__(self, other: "SumBound") -> "SumBound":
        """The difference of both."""
        return self._with(other, self.centre - other.centre)

    def __neg__(self) -> "SumBound":
        """The sums with their signs changed."""
        return self._replace(centre=np.negative(self.centre))

    def _with(self, other: "SumBound", centre: np.ndarray) -> "SumBound":
        """The monomials of both, of which some may change their sign."""
        return SumBound(
            centre,
            self.magnitude + other.magnitude,
            _both(np.minimum, self.grid, other.grid),
            _total(self.flushed, other.flushed),
            self.terms + other.terms,
            self.precision,
            _total(self.spread, other.spread),
            max(self.depth, other.depth),
        )

    def __mul__(self, other: "SumBound") -> "SumBound":  # type: ignore[override]
        """The product of both, element by element."""
        one, other = self.as_factor(), other.as_factor()
        magnitude = _magnitude_of_product(one, other)
        largest = float(one.magnitude.max()), float(other.magnitude.max())
        flushed = _product_flushed(one, other, magnitude, largest)
        if not largest[0] * largest[1] * LOST < one.precision.huge:
            magnitude = _or_overflow(magnitude, one.precision)
        return SumBound(
            one.centre * other.centre,
            magnitude,
            _of_product(_product_grid, one.grid, other.grid, magnitude),
            flushed,
            one.terms * other.terms,
            one.precision,
            _product_spread(one, other),
            one.depth + other.depth + 1,
        )

    def decide(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Centre and radius of the sum over every order, tree and contraction; then its overflows.

        The overflows are to be broadcast.
        """
        precision, magnitude, bounds = self.precision, self.magnitude, self.precision.bounds
        k = self.terms + (self.depth - 1 + precision.casts * max(self.depth, 1))
        roundings, computed = gamma(k, precision.unit), gamma(k, U64)
        # The centre is rounded too, by gamma(k, U64), and the magnitude, as its arithmetic does.
        outward = (1 + 2 * gamma(k, bounds.unit)) * bounds.outward
        radius = precision.of_bounds((roundings + computed) * outward) * magnitude
        radius += precision.of_bounds(self.flushed * outward + 2 * self.terms * precision.tiny)
        if isinstance(self.spread, np.ndarray):
            radius += self.spread * precision.of_bounds(
                (1 + bounds.widened * (k + 4)) * bounds.outward
            )
        if self.depth > 1 and not _most(roundings) < LOST - 1:
            radius = np.where(roundings < LOST - 1, radius, np.inf)
        if self.grid is not None:
            exact = self._exact(self.grid())
            if exact.any():
                np.copyto(radius, 0, where=exact)
        growth = (1 + 2 * roundings) * outward
        if magnitude.max() * _most(growth) < precision.huge:
            return self.centre, radius, NO_OVERFLOW
        growth = precision.of_bounds(growth)
        overflows = ~(magnitude * growth < precision.huge)  # NaN overflows too
        return np.where(overflows, 0, self.centre), np.where(overflows, np.inf, radius), overflows

    def _exact(self, grid: np.ndarray) -> np.ndarray:
        """True where every partial sum fits the significand.

        The magnitude is a sum on the same grid: as long as it fits it is not rounded, and where it
        does not, no rounding takes it below 2^(bits + grid) again.
        """
        if grid.max() < self.precision.lowest:
            return np.array(False)
        fits = exponent_of(self.magnitude) <= self.precision.bits + grid
        exact: np.ndarray = (grid >= self.precision.lowest) & (fits | (self.magnitude == 0))
        return exact


NO_OVERFLOW = np.zeros((1, 1), bool)


def _or_overflow(magnitude: np.ndarray, precision: Precision) -> np.ndarray:
    """The magnitudes of what is computed on the way; infinite where it may overflow."""
    if magnitude.max() * LOST < precision.huge:
        return magnitude
    return np.where(magnitude * LOST < precision.huge, magnitude, np.inf)


def _magnitude_of_product(one: SumBound, other: SumBound) -> np.ndarray:
    """That of each pair; one that is too small for a normal number does not become 0."""
    magnitude: np.ndarray = one.magnitude * other.magnitude
    tiny = one.precision.tiny
    if not magnitude.min() >= tiny:
        is_some = (one.magnitude > 0) & (other.magnitude > 0)
        np.copyto(magnitude, tiny, where=is_some & (magnitude < tiny))
    return magnitude


def leaf_bound(centre: np.ndarray, radius: np.ndarray | float, precision: Precision) -> SumBound:
    """Stored numbers (N, H) that are known to lie in centre +- radius."""
    sizes = precision.of_bounds(centre)
    smallest = float(sizes.min())
    if not smallest > 0:
        sizes = np.abs(sizes)
        smallest = float(sizes.min())
    magnitude, some_exact, most = sizes, True, 0.0
    if isinstance(radius, np.ndarray):
        radius = precision.upward(radius)
        magnitude, some_exact, most = sizes + radius, not radius.min() > 0, float(radius.max())
    flushed: np.ndarray | float = 0.0
    if not smallest - most >= precision.tiny:  # else none can be subnormal
        least = sizes - radius
        if not least.min() >= precision.tiny:
            flushed = read_as_zero(least, magnitude, precision)
    grid = partial(_leaf_grid, sizes, radius, flushed) if some_exact else None
    return SumBound(centre, magnitude, grid, flushed, 1, precision, radius, 0)


def _leaf_grid(
    sizes: np.ndarray, radius: np.ndarray | float, flushed: np.ndarray | float
) -> np.ndarray:
    exact = (np.asarray(radius) == 0) & (np.asarray(flushed) == 0)
    return np.where(exact, grid_of(sizes), -NO_BITS)


def _both(join: Join, one: Grid | None, other: Grid | None) -> Grid | None:
    return None if one is None or other is None else lambda: join(one(), other())


def _of_product(
    join: Join, one: Grid | None, other: Grid | None, magnitude: np.ndarray
) -> Grid | None:
    """The grid of products: 0 times a sum that is not exact is exact, as behind a shut gate."""
    if (one is None) != (other is None) and not magnitude.min() > 0:
        one, other = one or NOWHERE, other or NOWHERE
    return _both(join, one, other)


def _total(a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray | float:
    """a + b, of which most often one is 0 for all sums."""
    if isinstance(a, float) and a == 0:
        return b
    return a if isinstance(b, float) and b == 0 else a + b


def _product_flushed(
    one: SumBound, other: SumBound, magnitude: np.ndarray, largest: tuple[float, float]
) -> np.ndarray | float:
    """What is lost of a product with sides, or a result, read as zero.

    Where that is lost beside the roundings of every sum, adding it changes no radius: then one
    number stands for all.
    """
    tiny, M, N = one.precision.tiny, one.magnitude, other.magnitude
    sides = (one, other)
    a, b = (_most(side.flushed) + 2 * _most(side.terms) * tiny for side in sides)
    most = LOST * (a * largest[1] + b * largest[0]) + a * b
    if most < float(magnitude.min()) * (one.precision.unit * BESIDE):
        return most
    M, N = M.astype(np.float64), N.astype(np.float64)  # where what follows is not subnormal
    lost, theirs = (side.flushed + 2 * side.terms * tiny for side in sides)
    flushed = (LOST * lost) * N + (LOST * theirs) * M
    flushed += lost * theirs
    return flushed


def _most(item: np.ndarray | float) -> float:
    return float(item.max()) if isinstance(item, np.ndarray) else item


def _product_spread(one: SumBound, other: SumBound) -> np.ndarray | float:
    """|c| t + |d| s + s t, and what float64 rounds of it."""
    s, t, lost, dtype = one.spread, other.spread, U64 * 32, one.precision.bounds.dtype
    spread: np.ndarray | float = 0.0
    if isinstance(t, np.ndarray):
        reach = one.magnitude  # |c| + s of a leaf, whose centre is not rounded
        if not one.is_leaf:
            reach = np.abs(one.centre, dtype=dtype)
            reach += s
            reach += lost * one.magnitude
        spread = reach * t
    if isinstance(s, np.ndarray):
        reach = other.magnitude  # |d| of a leaf that is known exactly
        if not other.is_leaf:
            reach = np.abs(other.centre, dtype=dtype)
            reach += lost * other.magnitude
        elif isinstance(t, np.ndarray):
            reach = reach - t
        spread = _total(reach * s, spread)
    return spread


def _product_grid(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    zero = (one >= NO_BITS) | (other >= NO_BITS)
    return np.where(zero, NO_BITS, one + other)


def _normal_grid(grid: Grid, lowest: int) -> np.ndarray:
    """The grid where no sum can be subnormal; elsewhere -NO_BITS, since it may be read as zero."""
    grids = grid()
    return np.where(grids >= lowest, grids, -NO_BITS)


def dot(matrix: SumBound, sums: SumBound) -> SumBound:
    """A matrix of exact numbers (H, K) times columns of sums (N, K): (N, H)."""
    sums = sums.as_factor()
    precision, M = sums.precision, sums.magnitude
    lost = np.zeros(M.shape) + sums.flushed + 2 * sums.terms * precision.tiny
    subnormal = (np.zeros(matrix.magnitude.shape) + matrix.flushed).T
    flushed = np.dot(M, subnormal) + np.dot(lost, matrix.magnitude.T)
    spread: np.ndarray | float = 0.0
    if isinstance(sums.spread, np.ndarray):
        spread = np.dot(sums.spread, matrix.magnitude.T) * (1 + 32 * precision.bounds.unit)
    magnitude = np.dot(M, matrix.magnitude.T)
    return SumBound(
        np.dot(sums.centre, matrix.centre.T),
        magnitude,
        _of_product(partial(_dot_grid, magnitude, precision), sums.grid, matrix.grid, magnitude),
        LOST * flushed + np.dot(lost, subnormal),
        sums.terms * np.count_nonzero(M, axis=1)[:, np.newaxis],
        precision,
        spread,
        sums.depth + 1,
    )


def _dot_grid(
    magnitude: np.ndarray, precision: Precision, rows: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    needed = exponent_of(magnitude) - precision.bits
    rows = np.broadcast_to(rows, (len(magnitude), weights.shape[1]))
    return least_grid(to_add(rows), to_add(weights), needed)
