"""What the enclosure takes and what it gives: operands, formats, shapes and kinds of numbers."""

from typing import Any

import numpy as np
import pytest

from harness.judge.enclosure import Enclosure, PendingSum, point
from harness.judge.grid import NO_BITS, grid_of

Z = np.dot(point(np.ones((2, 3))), point(np.ones((3, 3))))


@pytest.mark.parametrize(
    "other", [-1, 1, 0.5, -0.5, np.float64(-1), np.zeros((2, 1)), np.nan], ids=str
)
def test_a_maximum_is_a_relu_only_with_the_number_0(other: Any) -> None:
    for operands in ((Z, other), (other, Z)):
        with pytest.raises(TypeError, match=r"the enclosure has no rule for numpy\.maximum"):
            np.maximum(*operands)


@pytest.mark.parametrize("zero", [0, 0.0, -0.0, np.float32(0), np.int64(0)], ids=repr)
def test_a_relu_takes_any_0(zero: Any) -> None:
    assert isinstance(np.maximum(zero, Z), Enclosure)


def test_the_two_formats_are_not_mixed_whichever_comes_first() -> None:
    one, other = point(np.ones(2, "float32")), point(np.ones(2, "float64"))
    with pytest.raises(TypeError, match="the enclosure cannot mix float32 with float64"):
        one + other
    with pytest.raises(TypeError, match="the enclosure cannot mix float64 with float32"):
        other - one
    with pytest.raises(TypeError, match="the enclosure cannot mix float32 with float64"):
        np.dot(point(np.ones((2, 2), "float32")), other)


@pytest.mark.parametrize("shape", [(2,), (2, 2, 2), ()])
def test_the_left_side_of_a_dot_is_a_matrix(shape: tuple[int, ...]) -> None:
    with pytest.raises(
        TypeError, match="takes observed values on both sides, a matrix on the left"
    ):
        np.dot(point(np.ones(shape)), point(np.ones(2)))


def test_a_sum_is_no_observed_value_even_when_it_is_a_product_alone() -> None:
    matrix, column = point(np.ones((2, 2))), point(np.ones((2, 1)))
    for pending in (np.dot(matrix, matrix), column + column, column - column):
        assert pending.observed is None
        for operands in ((pending, matrix), (matrix, pending)):
            with pytest.raises(TypeError, match="not sums that are still pending"):
                np.dot(*operands)


def test_plain_arrays_beside_an_enclosure_are_observed_values() -> None:
    W, x, b = np.array([[3.0, 0.1]]), np.array([[1.0], [2.0]]), np.array([[0.3]])
    expected = (np.dot(point(W), point(x)) + point(b)).decide()
    for z in (np.dot(point(W), x) + b, np.dot(W, point(x)) + b, b + np.dot(W, point(x))):
        assert isinstance(z, PendingSum)
        assert all(
            np.array_equal(one, other) for one, other in zip(z.decide(), expected, strict=True)
        )


def test_terms_are_counted() -> None:
    W, U, x, h, b = (point(np.ones(shape)) for shape in ((5, 3), (5, 5), (3, 7), (5, 7), (5, 1)))
    assert (np.dot(W, x).terms, np.dot(U, h).terms) == (3, 5)
    assert (np.dot(W, x) + np.dot(U, h) + b + b).terms == 3 + 5 + 2
    assert (b - b).terms == 2


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


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_sum_with_an_operand_that_is_not_finite_may_be_anything(value: float, dtype: str) -> None:
    W, x = np.ones((1, 2), dtype), np.array([[value, 1], [1, 1]], dtype)
    centre, radius, overflows = np.dot(point(W), point(x)).decide()
    assert (centre.tolist(), radius.tolist(), overflows.tolist()) == (
        [[0, 2]],
        [[np.inf, 0]],
        [[True, False]],
    )


def test_what_is_added_is_a_column_as_the_loop_adds_its_bias() -> None:
    for shape in ((2, 3), (1, 2), (1, 1, 1), ()):
        with pytest.raises(
            TypeError,
            match=r"the enclosure adds columns, \(H,\) or \(H, 1\), not observed values of shape",
        ):
            point(np.ones(shape)) + point(np.ones(shape))
    with pytest.raises(TypeError, match="does not add one row"):
        np.dot(point(np.ones((2, 2))), point(np.ones((2, 1)))) + point(np.ones(2))
