"""Describes the formats, Higham's gamma, and what a flush to zero loses.

Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., chapters 2 and 3.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

U64 = 2.0**-53  # unit roundoff of float64, in which centres are computed


class Arithmetic(NamedTuple):
    """In which magnitudes and radii are computed, and what covers its own roundings of them."""

    dtype: str
    unit: float  # u, the unit roundoff
    outward: float  # covers the rounding of the few operations that make a radius
    cancelled: float  # more than y * y, 1 - y * y and the like can lose
    widened: float  # more than one rounding adds to a spread


DOUBLE = Arithmetic("float64", U64, 1 + 2.0**-40, 2.0**-48, 2.0**-45)
# Twice as fast, and enough for a case in float32: a magnitude overflows here where its sum may.
SINGLE = Arithmetic("float32", 2.0**-24, 1 + 2.0**-19, 2.0**-22, 2.0**-20)


class Precision(NamedTuple):
    """A floating-point format as the bounds need it."""

    dtype: str
    bits: int  # p, the bits of the significand
    unit: float  # u = 2^-p, the unit roundoff
    tiny: float  # the smallest normal number
    lowest: int  # its exponent: tiny = 2^lowest
    huge: float  # the largest finite number
    casts: int = 0  # times that an observed value may be rounded to this format before its use
    activation_error: float = 0.0  # by which activations may be off besides, absolutely
    bounds: Arithmetic = DOUBLE

    def of_bounds(self, numbers: Any) -> Any:
        """Numbers of the bounds' dtype, rounded to nearest, so that no array is computed wider."""
        if isinstance(numbers, np.ndarray):
            return numbers.astype(self.bounds.dtype, copy=False)
        return numbers

    def upward(self, radius: np.ndarray) -> np.ndarray:
        """Radii of the bounds' dtype that are not below those given."""
        if radius.dtype == self.bounds.dtype:
            return radius
        up: np.ndarray = radius.astype(self.bounds.dtype)
        up *= 1 + 2 * self.bounds.unit  # the next number, or the one after it
        if not up.min() >= self.tiny:  # where all of it may be lost
            np.copyto(up, self.tiny, where=(radius > 0) & (up < self.tiny))
        return up


def _precision(dtype: str) -> Precision:
    info = np.finfo(dtype)
    bits = info.nmant + 1
    numbers = bits, 2.0**-bits, float(info.tiny), int(info.minexp), float(info.max)
    return Precision(dtype, *numbers, bounds=SINGLE if dtype == SINGLE.dtype else DOUBLE)


# A case is in float32 or float64; a mistake may compute in float16.
PRECISIONS = {dtype: _precision(dtype) for dtype in ("float16", "float32", "float64")}
OF_DTYPE = {np.dtype(name): precision for name, precision in PRECISIONS.items()}


def precision_of(
    dtype: str, arrays: Iterable[np.ndarray], activation_error: float = 0.0
) -> Precision:
    """The precision of a case's dtype, of which some observed arrays may be wider.

    A value in a wider dtype is observed as it is. An implementation may go on with it unrounded,
    or rounded to the case's dtype: one factor 1 + delta more in each product, |delta| <= u. Where a
    sum is exact in the case's dtype, each of its observed values has that dtype's bits already, so
    that nothing was rounded, and the sum stays exact.
    """
    precision = PRECISIONS[dtype]
    if any(array.dtype != dtype for array in arrays):
        # It may be smaller or larger than the bounds' own arithmetic can hold.
        precision = precision._replace(casts=1, bounds=DOUBLE)
    if activation_error:
        precision = precision._replace(activation_error=activation_error)
    return precision


def gamma(n: Any, u: float) -> Any:
    """n u / (1 - n u), the relative error of n roundings; infinite where n u reaches 1/2.

    `n` is a number or an array. Source: Higham, lemma 3.1.
    """
    share = n * u
    if not isinstance(n, np.ndarray):
        return share / (1 - share) if share < 0.5 else float("inf")
    if share.max() < 0.5:
        return share / (1 - share)
    return np.where(share < 0.5, share / (1 - np.minimum(share, 0.5)), np.inf)


def read_as_zero(least: np.ndarray, most: np.ndarray, precision: Precision) -> np.ndarray:
    """What is lost of each number, least <= |number| <= most, if it is subnormal and read as 0.

    In float64, where products of it are fast: they are normal there.
    """
    lost = np.zeros(most.size)
    some = np.flatnonzero(least < precision.tiny)  # few
    lost[some] = np.minimum(most.ravel()[some], precision.tiny)
    return lost.reshape(most.shape)
