"""Sums products of stored numbers, a matrix times columns.

What is 0 throughout is left out: it rounds nothing, and costs time.
"""

from collections.abc import Callable
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from harness.judge.bounds.factors import Factors, side_by_side
from harness.judge.bounds.precision import Precision
from harness.judge.bounds.product_bound import product_bound
from harness.judge.bounds.sum_bound import SumBound

MANY = 256  # columns from which it pays to look for those that are 0 throughout


class Operand:
    """Stored numbers, and what has been made of them side by side with others."""

    def __init__(self, array: np.ndarray, radius: np.ndarray | None = None) -> None:
        self.array = array
        self.radius = radius  # of enclosed numbers
        self.beside: dict[str, list[tuple[tuple[Operand | None, ...], Factors]]] = {
            "W": [],
            "x": [],
        }

    @cached_property
    def sparse(self) -> "tuple[np.ndarray, Operand] | None":
        """Where most rows are 0: which to use, one at least, and these alone."""
        used = np.any(self.array, axis=1)
        if self.radius is not None:
            used |= np.any(self.radius, axis=1)
        if 2 * np.count_nonzero(used) > len(used):
            return None
        used[0] = True
        radius = None if self.radius is None else self.radius[used]
        return used, Operand(self.array[used], radius)


class Product(NamedTuple):
    """A matrix of stored numbers times columns of them, which may be enclosed."""

    W: Operand  # (H, K)
    x: Operand  # (K, N), or (K, 1) for every column alike


def sum_of(products: tuple[Product, ...], precision: Precision) -> SumBound:
    """The sum of all products, (N, H)."""
    matrices, columns = zip(*_without_zeros(products), strict=True)
    weights = _side_by_side("W", matrices, precision, _matrices)
    return product_bound(_side_by_side("x", columns, precision, _columns), weights)


def _side_by_side(
    side: str,
    parts: tuple[Operand, ...],
    precision: Precision,
    join: Callable[[tuple[Operand, ...], Precision], Factors],
) -> Factors:
    """The parts side by side; gates share their columns, and all steps share the weights."""
    largest = max(parts, key=lambda part: part.array.size)
    # Itself it does not hold: a block's memory is free at once, without the garbage collector.
    others = tuple(None if part is largest else part for part in parts)
    for before, factors in largest.beside[side]:
        if len(before) == len(others) and all(a is b for a, b in zip(before, others, strict=True)):
            return factors
    factors = join(parts, precision)
    if largest.array.size > 1:  # a single number may be a constant, which nobody forgets
        largest.beside[side].append((others, factors))
    return factors


def _matrices(parts: tuple[Operand, ...], precision: Precision) -> Factors:
    """Matrices (H, K) beside one another."""
    return side_by_side([part.array for part in parts], precision)


def _columns(parts: tuple[Operand, ...], precision: Precision) -> Factors:
    """Columns (K, N) of all parts as rows (N, K)."""
    ends = [*accumulate(len(part.array) for part in parts)]
    starts = [0, *ends[:-1]]
    places = list(zip(parts, starts, ends, strict=True))
    rows = np.empty((max(part.array.shape[1] for part in parts), ends[-1]))
    for part, first, end in places:
        rows[:, first:end] = part.array.T
    radius = None
    if any(part.radius is not None for part in parts):
        radius = np.zeros_like(rows)
        for part, first, end in places:
            if part.radius is not None:
                radius[:, first:end] = part.radius.T
    return Factors(rows, starts, precision, radius)


def _without_zeros(products: tuple[Product, ...]) -> tuple[Product, ...]:
    """Leaves out what is 0 in every sum: it rounds nothing, and costs time."""
    some = [one for one in products if one.x.array.shape[1] > 1 or one.W.array.any()]
    return tuple(map(_without_zero_rows, some or products[:1]))


def _without_zero_rows(product: Product) -> Product:
    if len(product.x.array) < MANY or product.x.sparse is None:
        return product
    used, x = product.x.sparse
    return Product(Operand(product.W.array[:, used]), x)
