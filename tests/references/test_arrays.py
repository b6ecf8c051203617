"""Arrays that nobody can write to, and the sentences for what is none."""

import numpy as np
import pytest

from references.arrays import checked, frozen, sum_error


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([1.0], "x is a list, expected a numpy.ndarray"),
        (np.ma.array([1.0]), "x is a MaskedArray, expected a numpy.ndarray"),
        (np.ones(1, "int8"), r"x has dtype int8, expected float32 or float64; convert it with x.a"),
    ],
)
def test_what_is_no_array_of_numbers_gets_a_sentence(value, sentence):
    with pytest.raises(TypeError, match=sentence):
        checked("x", value)


def test_a_frozen_array_is_a_native_contiguous_copy_for_good():
    value = np.arange(6, dtype=">f4").reshape(2, 3).T
    array = frozen("x", value)
    assert array.dtype == np.dtype("float32")
    assert array.dtype.isnative
    assert array.flags.c_contiguous
    assert np.array_equal(array, value)
    with pytest.raises(ValueError, match="cannot set WRITEABLE flag"):
        array.flags.writeable = True
    assert frozen("x", array) is array


def test_a_number_that_is_not_finite_is_named_by_its_place():
    with pytest.raises(ValueError, match=r"x\[1, 0\] is nan, expected only finite numbers"):
        frozen("x", np.array([[0.0], [np.nan]]))


def test_the_error_of_a_sum_is_what_rounding_took_from_it():
    one, other = np.float32([1, 1, 0.5]), np.float32([2.0**-30, 2, 2.0**-25])
    exact = one.astype(float) + other.astype(float)
    assert ((one + other).astype(float) + sum_error(one, other) == exact).all()
    assert (sum_error(one, other) != 0).tolist() == [True, False, True]
