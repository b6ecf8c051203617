"""Sums products of stored numbers, a matrix times columns, in blocks that a cache holds.

What is 0 throughout is left out: it rounds nothing, and costs time.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from harness.judge.precision import Precision
from harness.judge.sum_bound import Factors, SumBound, sum_bound

MANY = 256  # columns from which it pays to look for those that are 0 throughout


class Stored:
    """Stored numbers, and what has been made of them side by side with others."""

    def __init__(self, array: np.ndarray, radius: np.ndarray | None = None) -> None:
        self.array = array
        self.radius = radius  # of enclosed numbers
        self.joined: dict[str, list[tuple[tuple[Stored, ...], Factors]]] = {"W": [], "x": []}


class Product(NamedTuple):
    """A matrix of stored numbers times columns of them, which may be enclosed."""

    W: Stored  # (H, K)
    x: Stored  # (K, N), or (K, 1) for every column alike


def sums(products: tuple[Product, ...], precision: Precision, block: int) -> Iterator[SumBound]:
    """The sum of all products in blocks of rows."""
    products = _without_zeros(products)
    matrices, columns = (tuple(side) for side in zip(*products, strict=True))
    weights = _joined("W", matrices, precision, _beside)
    count = max(x.array.shape[1] for x in columns)
    size = max(1, block // max(weights.values.shape))
    if size >= count:
        rows = _joined("x", columns, precision, partial(_rows, slice(0, count)))
        yield sum_bound(rows, weights)
        return
    for start in range(0, count, size):
        rows = _rows(slice(start, min(start + size, count)), columns, precision)
        yield sum_bound(rows, weights)


def _joined(
    side: str,
    parts: tuple[Stored, ...],
    precision: Precision,
    join: Callable[[tuple[Stored, ...], Precision], Factors],
) -> Factors:
    """The parts side by side; gates share their columns, and all steps share the weights."""
    largest = max(parts, key=lambda part: part.array.size)
    for others, factors in largest.joined[side]:
        if len(others) == len(parts) and all(a is b for a, b in zip(others, parts, strict=True)):
            return factors
    factors = join(parts, precision)
    if largest.array.size > 1:  # a single number may be a constant, which nobody forgets
        largest.joined[side].append((parts, factors))
    return factors


def _beside(parts: tuple[Stored, ...], precision: Precision) -> Factors:
    """Matrices (H, K) beside one another."""
    ends = [*accumulate(part.array.shape[1] for part in parts)]
    matrix = np.concatenate([part.array for part in parts], axis=1, dtype=np.float64)
    return Factors(matrix, [0, *ends[:-1]], precision)


def _rows(chosen: slice, parts: tuple[Stored, ...], precision: Precision) -> Factors:
    """Columns (K, N) of all parts as rows (n, K) of a block."""
    ends = [*accumulate(len(part.array) for part in parts)]
    starts = [0, *ends[:-1]]
    places = list(zip(starts, ends, strict=True))
    rows = np.empty((chosen.stop - chosen.start, ends[-1]))
    for part, (first, end) in zip(parts, places, strict=True):
        rows[:, first:end] = _chosen(part.array, chosen)
    radius = None
    if any(part.radius is not None for part in parts):
        radius = np.zeros_like(rows)
        for part, (first, end) in zip(parts, places, strict=True):
            if part.radius is not None:
                radius[:, first:end] = _chosen(part.radius, chosen)
    return Factors(rows, starts, precision, radius)


def _chosen(columns: np.ndarray, chosen: slice) -> np.ndarray:
    return (columns if columns.shape[1] == 1 else columns[:, chosen]).T


def _without_zeros(products: tuple[Product, ...]) -> tuple[Product, ...]:
    """Leaves out what is 0 in every sum: it rounds nothing, and costs time."""
    some = [one for one in products if one.x.array.shape[1] > 1 or one.W.array.any()]
    return tuple(map(_without_zero_rows, some or products[:1]))


def _without_zero_rows(product: Product) -> Product:
    W, x, radius = product.W.array, product.x.array, product.x.radius
    if len(x) < MANY:
        return product
    used = np.any(x, axis=1)
    if radius is not None:
        used = used | np.any(radius, axis=1)
    if 2 * np.count_nonzero(used) > len(used):
        return product
    used[0] = True
    return Product(Stored(W[:, used]), Stored(x[used], None if radius is None else radius[used]))
