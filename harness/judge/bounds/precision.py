"""Describes the formats, Higham's gamma, and what a flush to zero loses.

Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., chapters 2 and 3.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

U64 = 2.0**-53  # unit roundoff of float64, in which centres and radii are computed


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


def _precision(dtype: str) -> Precision:
    info = np.finfo(dtype)
    bits = info.nmant + 1
    return Precision(dtype, bits, 2.0**-bits, float(info.tiny), int(info.minexp), float(info.max))


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
    wider = any(array.dtype != dtype for array in arrays)
    precision = PRECISIONS[dtype]
    if not wider and not activation_error:
        return precision
    return precision._replace(casts=int(wider), activation_error=activation_error)


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
    """What is lost of each number, least <= |number| <= most, if it is subnormal and read as 0."""
    lost = np.zeros_like(most)
    np.minimum(most, precision.tiny, out=lost, where=least < precision.tiny)
    return lost
