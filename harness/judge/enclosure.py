"""Arrays that speak NumPy's protocols, so that the hand-written line computes its own tolerance.

`dot`, `+` and `-` decide nothing: they build a PendingSum. An activation consumes it, decides
radius and exactness once, and gives an Enclosure. Deciding per operation would be wrong:
2^24 - 2^24 + 1 is 1 or 0 in float32, by the order of the sum.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from harness.judge.activation import RANGE, RULES
from harness.judge.precision import OF_DTYPE, PRECISIONS, Precision
from harness.judge.sum_bound import Factors, SumBound, sum_bound

# A radius above this share of the sum's magnitude proves nothing about a relu or linear output.
UNDECIDED_SHARE = {"float32": 2.0**-8, "float64": 2.0**-20}
RULES_OF_SUMS = "its rules are dot, +, - and the activations"
BLOCK = 1 << 14  # sums are decided in blocks of so many numbers, which the processor's cache holds


class Enclosure(NamedTuple):
    """Per element, every value of a right evaluation in the case's dtype: centre +- radius."""

    centre: np.ndarray
    radius: np.ndarray  # 0 where the value is exact, infinite where anything may come out
    decided: np.ndarray  # bool: narrow enough to prove something


class PendingSum(NDArrayOperatorsMixin):
    """A sum of products of observed values, as yet unrounded.

    An observed value is a PendingSum too: see `point`.
    """

    def __init__(
        self,
        products: tuple[tuple[np.ndarray, np.ndarray], ...],
        precision: Precision,
        ndim: int,
        observed: np.ndarray | None = None,
    ) -> None:
        # each left (H, K) with right (K, N), or (K, 1) for every column alike
        self.products = products
        self.precision = precision
        self.ndim = ndim  # of the result: (H,) or (H, N)
        self.observed = observed  # an implementation's own values: what dot takes

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            if ufunc in (np.add, np.subtract):
                a, b = map(self._lift, operands)
                return _add(a, b, 1 if ufunc is np.add else -1)
            if ufunc is np.tanh:
                return self.activate("tanh")
            if ufunc is np.positive:
                return self.activate("linear")
            if ufunc is np.maximum and any(np.isscalar(z) and z == 0 for z in operands):
                return self.activate("relu")
        call = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        call += f" with {', '.join(options)}" if options else ""
        raise TypeError(f"the enclosure has no rule for numpy.{call}: {RULES_OF_SUMS}")

    def __array_function__(self, function: Any, types: Any, operands: Any, options: Any) -> Any:
        if function is np.dot and not options:
            return _dot(self._lift(operands[0]), self._lift(operands[1]))
        call = function.__name__
        raise TypeError(f"the enclosure has no rule for numpy.{call}: {RULES_OF_SUMS}")

    def activate(self, nonlinearity: str) -> Enclosure:
        """Decides the sums' radii, then gives the activation's images of them."""
        with np.errstate(all="ignore"):
            blocks = [activated(block, nonlinearity) for block in self._totals()]
            return Enclosure(*self._shaped(blocks))

    def decide(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Centres, radii and overflows of the sums themselves."""
        with np.errstate(all="ignore"):
            blocks = [
                (z, r, np.broadcast_to(overflows, z.shape))
                for z, r, overflows in (block.decide() for block in self._totals())
            ]
            centre, radius, overflows = self._shaped(blocks)
        return centre, radius, overflows

    @property
    def terms(self) -> int:
        """How many products make one sum."""
        return sum(W.shape[1] for W, _ in self._addends())

    def _addends(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        if self.observed is None:
            return self.products
        return ((_column(self.observed), np.ones((1, 1), self.observed.dtype)),)

    def _totals(self) -> Iterator[SumBound]:
        matrices, columns = zip(*self._addends(), strict=True)
        ends = np.cumsum([W.shape[1] for W in matrices]).tolist()
        parts = [0, *ends[:-1]]
        weights = Factors(np.concatenate(matrices, axis=1, dtype=np.float64), parts, self.precision)
        count = max(x.shape[1] for x in columns)
        size = max(1, BLOCK // max(weights.values.shape))
        for start in range(0, count, size):
            rows = np.empty((min(size, count - start), ends[-1]))
            for first, end, x in zip(parts, ends, columns, strict=True):
                alike = x.shape[1] == 1
                rows[:, first:end] = (x if alike else x[:, start : start + size]).T
            yield sum_bound(Factors(rows, parts, self.precision), weights)

    def _shaped(self, blocks: Sequence[tuple[np.ndarray, ...]]) -> list[np.ndarray]:
        """Blocks of (N, H) side by side, as the result's (H, N) or (H,)."""
        whole: Sequence[np.ndarray] = blocks[0]
        if len(blocks) > 1:
            whole = [np.concatenate(arrays) for arrays in zip(*blocks, strict=True)]
        return [array[0] if self.ndim == 1 else array.T for array in whole]

    def _lift(self, operand: Any) -> "PendingSum":
        lifted = operand if isinstance(operand, PendingSum) else point(np.asarray(operand))
        if lifted.precision is not self.precision:
            dtypes = f"{self.precision.dtype} with {lifted.precision.dtype}"
            raise TypeError(f"the enclosure cannot mix {dtypes}")
        return lifted


def activated(block: SumBound, nonlinearity: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre, radius and decided of an activation's outputs (N, H)."""
    z, r, overflows = block.decide()
    y, radius = RULES[nonlinearity](z, r, block.precision)
    if nonlinearity in RANGE:
        decided = radius < RANGE[nonlinearity] / 4  # twice the radius covers half the range
    else:
        decided = radius <= UNDECIDED_SHARE[block.precision.dtype] * block.magnitude
    return y, radius, decided & ~overflows if overflows.any() else decided


def point(array: np.ndarray, precision: Precision | None = None) -> PendingSum:
    """An array of observed values, each taken exactly as it is; `precision` is the case's."""
    precision = precision or OF_DTYPE.get(array.dtype)
    if precision is None:
        raise TypeError(f"the enclosure takes {' and '.join(PRECISIONS)}, not {array.dtype}")
    return PendingSum((), precision, array.ndim, array)


def _column(array: np.ndarray) -> np.ndarray:
    if array.ndim not in (1, 2) or array.size != len(array):
        shape = f"not observed values of shape {array.shape}"
        raise TypeError(f"the enclosure adds columns, (H,) or (H, 1), {shape}")
    return array.reshape(-1, 1)


def _add(a: PendingSum, b: PendingSum, sign: int) -> PendingSum:
    if a.ndim != b.ndim:
        raise TypeError("the enclosure does not add one row, (H,), to columns, (H, N)")
    addends = b._addends()
    if sign < 0:
        addends = tuple((np.negative(values), others) for values, others in addends)
    return PendingSum(a._addends() + addends, a.precision, a.ndim)


def _dot(a: PendingSum, b: PendingSum) -> PendingSum:
    """a (H, I), b (I,) or (I, N): both observed values."""
    W, x = a.observed, b.observed
    if W is None or x is None or W.ndim != 2:
        raise TypeError(
            "the enclosure's dot takes observed values on both sides, a matrix on the left, "
            "not sums that are still pending"
        )
    return PendingSum(((W, x.reshape(len(x), -1)),), a.precision, x.ndim)
