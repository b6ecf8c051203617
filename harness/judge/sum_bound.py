"""Bounds a polynomial of stored numbers over every evaluation in the case's dtype.

Expanded to monomials, the computed value is the sum of m (1 + theta) and absolute terms, with
|theta| <= gamma_k and k = n - 1 + d: a monomial passes at most d products and n - 1 additions.
Sources: Higham, Accuracy and Stability, sections 3.1 and 4.2; S. M. Rump on rigorous bounds of
dot products.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property, partial
from itertools import accumulate
from typing import Any, NamedTuple, cast

import numpy as np

from harness.judge.activation import OUTWARD
from harness.judge.grid import NO_BITS, exponent_of, grid_of, least_grid, to_add
from harness.judge.precision import U64, Precision, gamma

Grid = Callable[[], np.ndarray]
# More than roundings let sums and absolute errors grow, where gamma is below a hundredth.
LOST = 1.01
FEW = 1 << 13  # products of which all grids cost less than to look whether they matter
SAMPLE = 16  # columns, or some more, that nearly always show that no sum is exact
LARGE = 1 << 18  # weights of which only some are taken at a time
WIDENED = 2.0**-45  # more than one rounding of float64 adds to a spread
BESIDE = 2.0**-60  # of a radius: float64 adds nothing where it adds so little


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
        return SumBound(
            self.centre + other.centre,
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
        magnitude = one.magnitude * other.magnitude
        return SumBound(
            one.centre * other.centre,
            _or_overflow(magnitude, one.precision),
            _both(_product_grid, one.grid, other.grid),
            _product_flushed(one, other, magnitude),
            one.terms * other.terms,
            one.precision,
            _product_spread(one, other),
            one.depth + other.depth + 1,
        )

    def decide(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Centre and radius of the sum over every order, tree and contraction; then its overflows.

        The overflows are to be broadcast.
        """
        precision, magnitude = self.precision, self.magnitude
        k = self.terms + (self.depth - 1 + precision.casts * max(self.depth, 1))
        roundings, computed = gamma(k, precision.unit), gamma(k, U64)
        # float64 rounds the centre and the magnitude too: gamma(k, U64) each.
        outward = 1 + 2 * computed
        radius = (roundings + computed) * outward * OUTWARD * magnitude
        radius += self.flushed * (outward * OUTWARD) + 2 * self.terms * precision.tiny
        if isinstance(self.spread, np.ndarray):
            radius += self.spread * ((1 + WIDENED * (k + 4)) * OUTWARD)
        most = roundings if isinstance(roundings, float) else roundings.max()
        if self.depth > 1 and not most < LOST - 1:
            radius = np.where(roundings < LOST - 1, radius, np.inf)
        if self.grid is not None:
            np.copyto(radius, 0, where=self._exact(self.grid()))
        if magnitude.max() * (1 + 2 * most) < precision.huge:
            return self.centre, radius, NO_OVERFLOW
        overflows = ~(magnitude * (1 + 2 * roundings) < precision.huge)  # NaN overflows too
        return np.where(overflows, 0, self.centre), np.where(overflows, np.inf, radius), overflows

    def _exact(self, grid: np.ndarray) -> np.ndarray:
        """True where every partial sum fits the significand."""
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


def leaf_bound(centre: np.ndarray, radius: np.ndarray | float, precision: Precision) -> SumBound:
    """Stored numbers (N, H) that are known to lie in centre +- radius."""
    sizes = np.abs(centre)
    is_exact = not isinstance(radius, np.ndarray)
    magnitude, least = (sizes, sizes) if is_exact else (sizes + radius, sizes - radius)
    flushed: np.ndarray | float = 0.0
    if not least.min() >= precision.tiny:
        flushed = _read_as_zero(sizes, radius, precision)
    some_exact = not isinstance(radius, np.ndarray) or not radius.min() > 0
    grid = partial(_leaf_grid, sizes, radius, flushed) if some_exact else None
    return SumBound(centre, magnitude, grid, flushed, 1, precision, radius, 0)


def _leaf_grid(
    sizes: np.ndarray, radius: np.ndarray | float, flushed: np.ndarray | float
) -> np.ndarray:
    exact = (np.asarray(radius) == 0) & (np.asarray(flushed) == 0)
    return np.where(exact, grid_of(sizes), -NO_BITS)


def _both(
    join: Callable[[np.ndarray, np.ndarray], np.ndarray], one: Grid | None, other: Grid | None
) -> Grid | None:
    return None if one is None or other is None else lambda: join(one(), other())


def _total(a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray | float:
    """a + b, of which most often one is 0 for all sums."""
    if isinstance(a, float) and a == 0:
        return b
    return a if isinstance(b, float) and b == 0 else a + b


def _product_flushed(one: SumBound, other: SumBound, magnitude: np.ndarray) -> np.ndarray | float:
    """What is lost of a product with sides, or a result, read as zero.

    Where that is lost beside the roundings of every sum, adding it changes no radius: then one
    number stands for all.
    """
    tiny, M, N = one.precision.tiny, one.magnitude, other.magnitude
    sides = (one, other)
    a, b = (_most(side.flushed) + 2 * _most(side.terms) * tiny for side in sides)
    most = LOST * (a * N.max() + b * M.max()) + a * b
    if most < magnitude.min() * (one.precision.unit * BESIDE):
        return float(most)
    a, b = (side.flushed + 2 * side.terms * tiny for side in sides)
    flushed = (LOST * a) * N + (LOST * b) * M
    flushed += a * b
    return flushed


def _most(item: np.ndarray | float) -> Any:
    return item.max() if isinstance(item, np.ndarray) else item


def _product_spread(one: SumBound, other: SumBound) -> np.ndarray | float:
    """|c| t + |d| s + s t, and what float64 rounds of it."""
    s, t, lost = one.spread, other.spread, U64 * 32
    spread: np.ndarray | float = 0.0
    if isinstance(t, np.ndarray):
        reach = one.magnitude  # |c| + s of a leaf, whose centre is not rounded
        if not one.is_leaf:
            reach = np.abs(one.centre)
            reach += s
            reach += lost * one.magnitude
        spread = reach * t
    if isinstance(s, np.ndarray):
        reach = np.abs(other.centre)
        if not other.is_leaf:
            reach += lost * other.magnitude
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
    lost = sums.flushed + 2 * sums.terms * precision.tiny + np.zeros_like(M)
    subnormal = np.asarray(matrix.flushed).T + np.zeros_like(matrix.magnitude.T)
    flushed = np.dot(M, subnormal) + np.dot(lost, matrix.magnitude.T)
    spread: np.ndarray | float = 0.0
    if isinstance(sums.spread, np.ndarray):
        spread = np.dot(sums.spread, matrix.magnitude.T) * (1 + 32 * U64)
    magnitude = np.dot(M, matrix.magnitude.T)
    return SumBound(
        np.dot(sums.centre, matrix.centre.T),
        magnitude,
        _both(partial(_dot_grid, magnitude, precision), sums.grid, matrix.grid),
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


def _read_as_zero(
    sizes: np.ndarray, radius: np.ndarray | float, precision: Precision
) -> np.ndarray:
    """What is lost of each number if it is subnormal and read as zero."""
    magnitude = sizes + radius
    subnormal = (sizes - radius < precision.tiny) & (magnitude > 0)
    lost = np.zeros_like(magnitude)
    np.minimum(magnitude, precision.tiny, out=lost, where=subnormal)
    return lost


class Factors:
    """One side of the products, stored numbers in float64: a row for each sum, a column a term.

    The terms stand in parts, each with a grid of its own, which begin at the columns `parts`.
    """

    def __init__(
        self,
        values: np.ndarray,
        parts: list[int],
        precision: Precision,
        radius: np.ndarray | None = None,
    ) -> None:
        self.values, self.parts, self.precision = values, parts, precision
        self.radius = radius  # of enclosed numbers
        sizes = np.abs(values)
        magnitudes, least = (sizes, sizes) if radius is None else (sizes + radius, sizes - radius)
        self.magnitudes = magnitudes  # the greatest absolute values that the numbers can have
        # What is lost where subnormal operands are read as zero; None where there are none.
        self.subnormal: np.ndarray | None = None
        self.nonzero: np.ndarray | None = None  # None where no number is 0
        if not least.min() >= precision.tiny:
            self.nonzero = magnitudes != 0
            if (self.nonzero & (least < precision.tiny)).any():
                self.subnormal = _read_as_zero(sizes, 0.0 if radius is None else radius, precision)

    @cached_property
    def terms(self) -> int | np.ndarray:
        """The values that can be other than 0: of every row, or (N, 1). 0 rounds nothing."""
        if self.nonzero is None or self.nonzero.all():
            return int(self.values.shape[1])
        return np.asarray(np.count_nonzero(self.nonzero, axis=1))[:, np.newaxis]

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return int(self.values.size)

    @property
    def matrices(self) -> Sequence[np.ndarray]:
        """The parts, or their magnitudes."""
        return np.split(self.magnitudes, self.parts[1:], axis=1)

    def blocks(self) -> "Iterator[Factors]":
        """The rows, in as many blocks as they have to be taken."""
        yield self

    @cached_property
    def sample(self) -> tuple[np.ndarray, np.ndarray]:
        """Where some columns of wide parts are not 0, (columns, N); each row's coarsest grid.

        A bias stands beside ones, which are coarse.
        """
        wide = [part for part in self.matrices if part.shape[1] > 1] or self.matrices
        stride = max(1, sum(part.shape[1] for part in wide) // SAMPLE)
        some = np.concatenate([part[:, ::stride].T for part in wide], dtype=np.float64)
        grids, nonzero = grid_of(np.abs(some)), some != 0
        np.copyto(grids, -NO_BITS, where=~nonzero)
        return nonzero, grids.max(axis=0)

    @cached_property
    def fine_grids(self) -> np.ndarray:
        """For each number, to be added; -NO_BITS where it is enclosed or subnormal."""
        grids = to_add(grid_of(self.magnitudes))
        if self.radius is not None:
            grids[self.radius > 0] = -NO_BITS
        if self.subnormal is not None:
            grids[self.subnormal > 0] = -NO_BITS
        return grids

    @cached_property
    def grids(self) -> np.ndarray:
        """For each row and part: all its values are multiples of 2^grid."""
        grids: np.ndarray = np.minimum.reduceat(self.fine_grids, self.parts, axis=1)
        return grids


class LargeFactors(Factors):
    """Weights (H, K), part by part, that would take too much memory in float64."""

    def __init__(self, matrices: Sequence[np.ndarray], precision: Precision) -> None:
        self._matrices, self.precision = matrices, precision
        self.parts = [0, *accumulate(part.shape[1] for part in matrices[:-1])]

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return sum(part.size for part in self._matrices)

    @property
    def matrices(self) -> Sequence[np.ndarray]:
        """The parts."""
        return self._matrices

    def blocks(self) -> Iterator[Factors]:
        """Some rows at a time."""
        H = len(self._matrices[0])
        stride = max(1, LARGE * H // self.size)
        for start in range(0, H, stride):
            some = [part[start : start + stride] for part in self._matrices]
            yield Factors(
                np.concatenate(some, axis=1, dtype=np.float64), self.parts, self.precision
            )

    @cached_property
    def fine_grids(self) -> np.ndarray:
        """For each number, to be added."""
        return np.concatenate([block.fine_grids for block in self.blocks()])


def sum_bound(rows: Factors, weights: Factors) -> SumBound:
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

    def beside(items: list[Any]) -> Any:
        if not any(isinstance(item, np.ndarray) for item in items):
            return items[0]  # 0 in every block
        pairs = zip(items, blocks, strict=True)
        return np.concatenate(
            [np.broadcast_to(item, block.centre.shape) for item, block in pairs], axis=1
        )

    first = blocks[0]
    if len(blocks) == 1:
        return first
    return first._replace(
        centre=beside([block.centre for block in blocks]),
        magnitude=beside([block.magnitude for block in blocks]),
        flushed=beside([block.flushed for block in blocks]),
        spread=beside([block.spread for block in blocks]),
    )


def _grid(rows: Factors, weights: Factors, magnitude: np.ndarray) -> np.ndarray:
    """The grid of each sum (N, H): all its products are multiples of 2^grid.

    It is -NO_BITS alone where no sum can be exact. Where the rows and the columns alone do not show
    that a sum is exact, each of its products is looked at.
    """
    if len(rows.values) * weights.size <= FEW:
        products = rows.fine_grids[:, np.newaxis] + weights.fine_grids
        return np.asarray(products.min(axis=2))
    bits = rows.precision.bits
    nonzero, coarsest = rows.sample
    other, other_coarsest = weights.sample
    # No sum has a coarser grid that has a product of the sample.
    highest = bits + coarsest + other_coarsest.max()
    possible = exponent_of(magnitude.min(axis=1)) <= highest
    if not (nonzero.all() and other.all()):
        pairs = np.dot(nonzero.T.astype("float32"), other.astype("float32"))
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
