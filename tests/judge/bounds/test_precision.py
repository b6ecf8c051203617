"""Tests the two formats against IEEE 754, and gamma against its rational value."""

from fractions import Fraction

import numpy as np
import pytest

from harness.judge.bounds.precision import (
    OF_DTYPE,
    PRECISIONS,
    SINGLE,
    U64,
    gamma,
    read_as_zero,
)

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
def test_gamma_of_an_array_is_that_of_each_number(dtype):
    precision = PRECISIONS[dtype]
    half = 2 ** (precision.bits - 1)
    for numbers in ([1, 1000], [1, half - 1, half], [half, 2 * half, 3 * half, 5]):
        with np.errstate(all="raise"):
            every = gamma(np.array(numbers)[:, np.newaxis], precision.unit)
        assert every.ravel().tolist() == [gamma(n, precision.unit) for n in numbers]


@each_dtype
def test_what_may_be_subnormal_may_lose_all_of_it_but_no_more_than_the_smallest_normal(dtype):
    precision = PRECISIONS[dtype]
    tiny, half = precision.tiny, precision.tiny / 2
    least = np.array([0, half, tiny, half, -1, -np.inf, 1, np.nan, np.inf])
    most = np.array([0, half, tiny, 3 * half, 2, np.inf, 2, np.nan, np.inf])
    expected = [0, half, 0, tiny, tiny, tiny, 0, 0, 0]
    assert read_as_zero(least, most, precision).tolist() == expected


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


def test_a_radius_in_float32_is_never_below_the_one_that_was_given():
    precision, rng = PRECISIONS["float32"], np.random.default_rng(6)
    radii = np.exp2(rng.uniform(-1074, 100, 5000))
    radii = np.concatenate([radii, np.exp2(np.arange(-151, 128)), radii.astype("float32")])
    up = precision.upward(radii)
    assert up.dtype == SINGLE.dtype
    assert (up >= radii).all()
    assert (up <= np.maximum(radii * (1 + 2.0**-21), precision.tiny)).all()


def test_a_radius_of_0_stays_0_and_one_that_is_infinite_or_unknown_stays_so():
    given = np.array([0, np.inf, np.nan, 1e300])
    with np.errstate(over="ignore"):
        up = PRECISIONS["float32"].upward(given)
    assert np.array_equal(up, [0, np.inf, np.nan, np.inf], equal_nan=True)
    assert PRECISIONS["float64"].upward(given) is given


def test_what_is_rounded_to_the_bounds_dtype_is_an_array():
    assert PRECISIONS["float32"].of_bounds(0.1) == 0.1
    assert PRECISIONS["float32"].of_bounds(np.array([0.1])).dtype == "float32"
