"""Tests the grids of numbers, and the exponents above them."""

import math
from fractions import Fraction

import numpy as np
import pytest

from harness.judge.bounds.grid import NO_BITS, are_wide, exponent_of, grid_of, least_grid, to_add


@pytest.mark.parametrize(
    ("value", "grid"),
    [
        (1, 0),
        (-1, 0),
        (3, 0),
        (6, 1),
        (2.0**-1074 * 3, -1074),
        (-(2.0**-1030), -1030),
        (2.0**1023, 1023),
        (-40, 3),
        (0.75, -2),
        (2.0**100, 100),
        (1 + 2.0**-52, -52),
        (2.0**-1022, -1022),
        (2.0**-1074, -1074),
    ],
)
def test_the_grid_of_a_number_is_its_lowest_set_bit(value: float, grid: int) -> None:
    assert grid_of(np.array([abs(value)], "float64")).tolist() == [grid]


def test_a_zero_is_on_every_grid() -> None:
    lowest, highest = -1074 - 1074, 1023 + 1023  # of any product of two doubles
    assert grid_of(np.array([0.0])).tolist() == [NO_BITS]
    assert NO_BITS + lowest > highest


def test_a_grid_is_found_for_each_number_of_an_array_of_any_strides() -> None:
    numbers = np.array([[1.0, 6.0, 0.0], [0.75, 3.0, 2.0**-1074]])
    grids = [[0, 1, NO_BITS], [-2, 0, -1074]]
    assert grid_of(numbers).tolist() == grids
    assert grid_of(numbers.T).T.tolist() == grids


@pytest.mark.parametrize("value", [1, 1.5, 2 - 2.0**-52, 2.0**-1022, 3e-300, 1e300])
def test_a_normal_number_is_below_the_least_power_of_two_above_it(value: float) -> None:
    exponent = exponent_of(np.array([value], "float64")).item()
    assert exponent == math.frexp(value)[1]
    assert Fraction(2) ** (exponent - 1) <= Fraction(value) < Fraction(2) ** exponent


def test_a_subnormal_number_and_0_are_below_the_smallest_normal_one() -> None:
    assert exponent_of(np.array([0, 2.0**-1074, 2.0**-1023])).tolist() == [-1022] * 3


@pytest.mark.parametrize(("bits", "dtype"), [(11, "float16"), (24, "float32"), (53, "float64")])
def test_no_product_of_two_wide_numbers_fits_and_few_others_are_wide(bits: int, dtype: str) -> None:
    half = (bits + 1) // 2
    numbers = np.array([0.0, 1.0, -(2.0**half - 1), 2.0**half + 1, -(2.0**bits - 1), 2.0**half])
    numbers *= 2.0**-5
    wide = are_wide(numbers, bits)
    assert wide.tolist() == [False, False, False, True, True, False]
    for one in numbers[wide]:
        for other in numbers[wide]:
            product = Fraction(one) * Fraction(other)
            assert Fraction(float(np.dtype(dtype).type(float(product)))) != product


def test_the_least_grid_is_that_of_the_products_that_are_not_0():
    rows, weights = (
        np.array([[3, NO_BITS, -NO_BITS]]),
        np.array([[2, -NO_BITS, NO_BITS], [1, 1, 1]]),
    )
    grids = least_grid(to_add(rows), to_add(weights), np.array([[5, 0]]))
    assert grids[0, 0] == 5  # -NO_BITS beside a zero counts for nothing
    assert grids[0, 1] < -NO_BITS / 2


def test_a_row_that_reaches_nothing_that_is_needed_is_given_up():
    rows, weights = to_add(np.array([[0] * 20, [9] * 20])), np.zeros((2, 20), np.int32)
    needed = np.array([[5, 5], [5, 5]])
    assert least_grid(rows, weights, needed).tolist() == [[-NO_BITS] * 2, [9, 9]]
