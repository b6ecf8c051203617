"""Stores one side of many products, with what the bounds of their sums ask of it."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate

import numpy as np

from harness.judge.bounds.grid import NO_BITS, are_wide, grid_of, to_add
from harness.judge.bounds.precision import Precision, read_as_zero

SAMPLE = 8  # columns, or some more, that nearly always show that no sum is exact
LARGE = 1 << 18  # weights of which only some are taken at a time


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
        sizes = least = magnitudes = np.abs(values, dtype=precision.bounds.dtype)
        if radius is not None:
            self.radius = radius = precision.upward(radius)
            magnitudes, least = sizes + radius, sizes - radius
        self.magnitudes = magnitudes  # the greatest absolute values that the numbers can have
        # What is lost where subnormal operands are read as zero; None where there are none.
        self.subnormal: np.ndarray | None = None
        self.nonzero: np.ndarray | None = None  # None where no number is 0
        if not least.min() >= precision.tiny:
            self.nonzero = magnitudes != 0
            # What is normal is not 0, too: any others of these are subnormal.
            if np.count_nonzero(self.nonzero) > np.count_nonzero(least >= precision.tiny):
                self.subnormal = read_as_zero(least, magnitudes, precision)
        self.normal = magnitudes  # the rest of them: processors multiply subnormal numbers slowly
        if self.subnormal is not None:
            self.normal = magnitudes - precision.of_bounds(self.subnormal)

    @cached_property
    def terms(self) -> int | np.ndarray:
        """The values that can be other than 0: of every row, or (N, 1). 0 rounds nothing."""
        if self.nonzero is None or self.nonzero.all():
            return int(self.values.shape[1])
        # Of bytes, since NumPy counts along an axis three times slower.
        counts = np.add.reduce(self.nonzero.view(np.uint8), axis=1, dtype=np.int32)
        return np.asarray(counts.astype(np.int64))[:, np.newaxis]

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return int(self.values.size)

    @property
    def matrices(self) -> Sequence[np.ndarray]:
        """The parts, or their magnitudes."""
        ends = [*self.parts[1:], self.magnitudes.shape[1]]
        return [self.magnitudes[:, a:b] for a, b in zip(self.parts, ends, strict=True)]

    def at(self, rows: np.ndarray) -> "Factors":
        """Some of the rows."""
        radius = None if self.radius is None else self.radius[rows]
        return Factors(self.values[rows], self.parts, self.precision, radius)

    def blocks(self) -> "Iterator[Factors]":
        """The rows, in as many blocks as they have to be taken."""
        yield self

    @cached_property
    def sample(self) -> np.ndarray:
        """Which numbers of some columns are wide, see `are_wide`: (columns, N).

        The columns are of parts with several: a bias stands beside ones, which have one bit.
        """
        parts = [part for part in self.matrices if part.shape[1] > 1] or self.matrices
        stride = max(1, sum(part.shape[1] for part in parts) // SAMPLE)
        some = np.concatenate([part[:, ::stride].T for part in parts], dtype=np.float64)
        return are_wide(some, self.precision.bits)

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
        self.parts = _starts(matrices)

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


def side_by_side(matrices: Sequence[np.ndarray], precision: Precision) -> Factors:
    """Weights (H, K) beside one another."""
    if sum(matrix.size for matrix in matrices) > LARGE:
        return LargeFactors(matrices, precision)
    whole = np.concatenate(matrices, axis=1, dtype=np.float64)
    return Factors(whole, _starts(matrices), precision)


def _starts(matrices: Sequence[np.ndarray]) -> list[int]:
    """The column at which each part begins."""
    return [0, *accumulate(matrix.shape[1] for matrix in matrices[:-1])]
