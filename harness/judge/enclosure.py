"""Arrays that speak NumPy's protocols, so that the hand-written line computes its own tolerance.

`dot`, `+` and `-` decide nothing: they build a PendingSum. An activation consumes it, decides radius and exactness once, and
gives an Enclosure. Deciding per operation would be wrong: 2^24 - 2^24 + 1 is 1 or 0 in float32, by the order of the sum.
Sources: Higham, Accuracy and Stability, sections 3.1 and 4.2; S. M. Rump on rigorous bounds of dot products.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from harness.judge.activation import OUTWARD, RANGE, RULES
from harness.judge.precision import PRECISIONS, U64, Precision, gamma

NO_BITS = 1 << 20  # the grid of a zero: it is a multiple of every power of two
# A radius above this share of the sum's magnitude proves nothing about a relu or linear output.
UNDECIDED_SHARE = {"float32": 2.0**-8, "float64": 2.0**-20}


class Enclosure(NamedTuple):
    """Per element, every value that a right evaluation in the case's dtype could give: centre +- radius."""

    centre: np.ndarray
    radius: np.ndarray  # 0 where the value is exact, infinite where anything may come out
    decided: np.ndarray  # bool: narrow enough to prove something


class PendingSum(NDArrayOperatorsMixin):
    """A sum of products, as yet unrounded: per element the terms' total, their magnitudes, their grid, their flush allowance."""

    def __init__(
        self,
        centre: np.ndarray,
        magnitude: np.ndarray,
        grid: np.ndarray,
        flushed: np.ndarray | float,
        terms: int,
        precision: Precision,
        observed: bool = False,
    ) -> None:
        self.centre = centre  # computed in float64
        self.magnitude = magnitude  # sum of the terms' absolute values
        self.grid = grid  # every term is a multiple of 2^grid; broadcasts against centre
        self.flushed = flushed  # what is lost where subnormal operands are read as zero
        self.terms = terms
        self.precision = precision
        self.observed = observed  # values as an implementation gave them: what dot takes

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if method == "__call__" and not options:
            if ufunc in (np.add, np.subtract):
                left, right = (self._lift(operand) for operand in operands)
                return _add(left, right, ufunc)
            if ufunc is np.tanh:
                return self.activate("tanh")
            if ufunc is np.positive:
                return self.activate("linear")
            if ufunc is np.maximum and any(np.isscalar(operand) and operand == 0 for operand in operands):
                return self.activate("relu")
        call = ufunc.__name__ + ("" if method == "__call__" else f".{method}") + (f" with {', '.join(options)}" if options else "")
        raise TypeError(f"the enclosure has no rule for numpy.{call}: its rules are dot, +, - and the activations")

    def __array_function__(self, function: Any, types: Any, operands: Any, options: Any) -> Any:
        if function is np.dot and not options:
            return _dot(self._lift(operands[0]), self._lift(operands[1]))
        raise TypeError(f"the enclosure has no rule for numpy.{function.__name__}: its rules are dot, +, - and the activations")

    def activate(self, nonlinearity: str) -> Enclosure:
        """Decides the sum's radius, then gives the activation's image of it."""
        precision = self.precision
        with np.errstate(all="ignore"):
            z, r, overflows = self.decide()
            y, radius = RULES[nonlinearity](z, r, precision)
            if nonlinearity in RANGE:
                decided = radius < RANGE[nonlinearity] / 4  # twice the radius covers half the range
            else:
                decided = radius <= UNDECIDED_SHARE[precision.dtype] * self.magnitude
        return Enclosure(y, radius, decided & ~overflows)

    def decide(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Centre and radius of the evaluated sum, over every order, tree and contraction; and where it may overflow."""
        precision, n, magnitude = self.precision, self.terms, self.magnitude
        roundings = gamma(n, precision.unit)
        # float64 rounds the centre and the magnitude too: gamma(n, U64) each.
        share = (roundings + gamma(n, U64)) * (1 + 2 * gamma(n, U64)) * OUTWARD
        radius = share * magnitude + (self.flushed * ((1 + 2 * gamma(n, U64)) * OUTWARD) + 2 * n * precision.tiny)
        normal = (self.grid >= precision.lowest) & (np.asarray(self.flushed) == 0)
        exponent = np.frexp(magnitude)[1]  # magnitude < 2^exponent, so exact where that is within 2^(p + grid)
        exact = normal & ((exponent <= precision.bits + self.grid) | (magnitude == 0))
        overflows = ~(magnitude * (1 + 2 * roundings) < precision.huge)  # NaN overflows too
        radius = np.where(overflows, np.inf, np.where(exact, 0, radius))
        return np.where(overflows, 0, self.centre), radius, overflows

    def _lift(self, operand: Any) -> "PendingSum":
        lifted = operand if isinstance(operand, PendingSum) else point(np.asarray(operand))
        if lifted.precision is not self.precision:
            raise TypeError(f"the enclosure cannot mix {self.precision.dtype} with {lifted.precision.dtype}")
        return lifted


def point(array: np.ndarray) -> PendingSum:
    """An array of observed values, each taken exactly as it is."""
    if array.dtype.name not in PRECISIONS:
        raise TypeError(f"the enclosure takes {' and '.join(PRECISIONS)}, not {array.dtype}")
    precision = PRECISIONS[array.dtype.name]
    centre = array.astype(np.float64)
    magnitude = np.abs(centre)
    subnormal = (magnitude < precision.tiny) & (magnitude > 0)
    flushed = np.where(subnormal, magnitude, 0) if subnormal.any() else 0.0
    return PendingSum(centre, magnitude, grid_of(centre), flushed, 1, precision, observed=True)


def grid_of(values: np.ndarray) -> np.ndarray:
    """The exponent of each float64's lowest set bit, NO_BITS for zero; NaN and infinity have the lowest grid of all."""
    bits = np.ascontiguousarray(values).view(np.int64)
    exponent = (bits >> 52) & 0x7FF
    significand = (bits & ((1 << 52) - 1)) | np.where(exponent > 0, 1 << 52, 0)  # a subnormal has no hidden bit
    lowest = (significand & -significand).astype(np.float64).view(np.int64) >> 52  # its biased exponent, 0 for zero
    grid = np.maximum(exponent, 1) + (lowest - 2098)  # - 1075 for the significand's scale, - 1023 for the bias
    grid = np.where(significand == 0, NO_BITS, grid)
    return np.where(exponent == 0x7FF, -NO_BITS, grid)


def _add(left: PendingSum, right: PendingSum, ufunc: np.ufunc) -> PendingSum:
    with np.errstate(all="ignore"):
        return PendingSum(
            ufunc(left.centre, right.centre),
            left.magnitude + right.magnitude,
            np.minimum(left.grid, right.grid),
            left.flushed + right.flushed,
            left.terms + right.terms,
            left.precision,
        )


def _dot(left: PendingSum, right: PendingSum) -> PendingSum:
    """left (H, I), right (I,) or (I, N): both observed values. Grids are taken per row and per column: never too fine."""
    if not (left.observed and right.observed and left.centre.ndim == 2):
        raise TypeError("the enclosure's dot takes observed values on both sides, a matrix on the left, not sums that are still pending")
    with np.errstate(all="ignore"):
        flushed: np.ndarray | float = 0.0
        if np.any(left.flushed) or np.any(right.flushed):
            flushed = np.dot(np.broadcast_to(left.flushed, left.centre.shape), right.magnitude)
            flushed = flushed + np.dot(left.magnitude, np.broadcast_to(right.flushed, right.centre.shape))
        rows, columns = left.grid.min(axis=1), right.grid.min(axis=0)
        return PendingSum(
            np.dot(left.centre, right.centre),
            np.dot(left.magnitude, right.magnitude),
            np.add.outer(rows, columns) if right.centre.ndim == 2 else rows + columns,
            flushed,
            left.centre.shape[1],
            left.precision,
        )
