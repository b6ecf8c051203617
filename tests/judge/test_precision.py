"""Tests the two formats against IEEE 754, and gamma against its rational value."""

from fractions import Fraction

import numpy as np
import pytest

from harness.judge.precision import OF_DTYPE, PRECISIONS, U64, gamma

U = {"float32": Fraction(1, 2**24), "float64": Fraction(1, 2**53)}
each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@each_dtype
def test_gamma_is_n_u_over_1_minus_n_u_and_infinite_from_n_u_of_a_half_on(dtype):
    u, p = PRECISIONS[dtype].unit, PRECISIONS[dtype].bits
    assert Fraction(u) == U[dtype]
    for n in (1, 2, 3, 1000, 2 ** (p - 2), 2 ** (p - 1) - 1):
        exact = n * U[dtype] / (1 - n * U[dtype])
        assert abs(Fraction(gamma(n, u)) - exact) <= exact * Fraction(1, 2**51)  # three roundings
    assert gamma(2 ** (p - 1), u) == gamma(2**p, u) == np.inf


@each_dtype
def test_a_format_is_what_ieee_754_says(dtype):
    p, lowest, highest = {"float32": (24, -126, 127), "float64": (53, -1022, 1023)}[dtype]
    largest = (2 - Fraction(2) ** (1 - p)) * Fraction(2) ** highest
    precision = PRECISIONS[dtype]
    assert (precision.dtype, precision.bits, precision.lowest) == (dtype, p, lowest)
    assert (Fraction(precision.unit), Fraction(precision.tiny), Fraction(precision.huge)) == (
        U[dtype],
        Fraction(2) ** lowest,
        largest,
    )


@each_dtype
def test_a_format_is_known_by_its_numpy_dtype_too(dtype):
    assert OF_DTYPE[np.dtype(dtype)] is PRECISIONS[dtype]
    assert PRECISIONS["float64"].unit == U64
    assert np.dtype("int32") not in OF_DTYPE
