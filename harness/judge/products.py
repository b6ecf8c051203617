"""Sums products of stored numbers, a matrix times columns, in blocks that a cache holds.

What is 0 throughout is left out: it rounds nothing, and costs time.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from harness.judge.precision import Precision
from harness.judge.sum_bound import Factors, SumBound, sum_bound

MANY = 256  # columns from which it pays to look for those that are 0 throughout


class Product(NamedTuple):
    """A matrix of stored numbers times columns of them, which may be enclosed."""

    W: np.ndarray  # (H, K)
    x: np.ndarray  # (K, N), or (K, 1) for every column alike
    radius: np.ndarray | None = None  # of x


def sums(products: tuple[Product, ...], precision: Precision, block: int) -> Iterator[SumBound]:
    """The sum of all products in blocks of rows."""
    products = _without_zeros(products)
    ends = [*accumulate(W.shape[1] for W, _, _ in products)]
    parts = [0, *ends[:-1]]
    matrix = np.concatenate([W for W, _, _ in products], axis=1, dtype=np.float64)
    weights = Factors(matrix, parts, precision)
    count = max(x.shape[1] for _, x, _ in products)
    size = max(1, block // max(matrix.shape))
    radii = [radius for _, _, radius in products]
    columns = [x for _, x, _ in products]
    for start in range(0, count, size):
        rows = partial(_rows, parts, ends, slice(start, min(start + size, count)))
        is_exact = all(radius is None for radius in radii)
        sides = Factors(rows(columns), parts, precision, None if is_exact else rows(radii))
        yield sum_bound(sides, weights)


def _rows(
    parts: list[int], ends: list[int], chosen: slice, columns: Sequence[np.ndarray | None]
) -> np.ndarray:
    """Columns (K, N) of all parts as rows (n, K) of a block; None is 0."""
    rows = np.empty((chosen.stop - chosen.start, ends[-1]))
    for first, end, x in zip(parts, ends, columns, strict=True):
        if x is None:
            rows[:, first:end] = 0
        else:
            rows[:, first:end] = (x if x.shape[1] == 1 else x[:, chosen]).T
    return rows


def _without_zeros(products: tuple[Product, ...]) -> tuple[Product, ...]:
    """Leaves out what is 0 in every sum: it rounds nothing, and costs time."""
    some = [product for product in products if product.x.shape[1] > 1 or product.W.any()]
    return tuple(map(_without_zero_rows, some or products[:1]))


def _without_zero_rows(product: Product) -> Product:
    W, x, radius = product
    if len(x) < MANY:
        return product
    used = np.any(x, axis=1)
    if radius is not None:
        used = used | np.any(radius, axis=1)
    if 2 * np.count_nonzero(used) > len(used):
        return product
    used[0] = True
    return Product(W[:, used], x[used], None if radius is None else radius[used])
