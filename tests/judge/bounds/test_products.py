"""Sums of products: what is 0 throughout counts nothing, and gates share their columns."""

import gc
import weakref
from fractions import Fraction

import numpy as np
import pytest

from harness.judge.bounds import products
from harness.judge.bounds.enclosure import point
from harness.judge.bounds.precision import PRECISIONS
from harness.judge.bounds.products import Operand, Product, sum_of
from tests.judge.bounds.test_sum_bound import U, higham


def words(I, used=8, H=8, T=20):
    """One-hot inputs (I, T), of which `used` features occur, and weights (H, I)."""
    W = np.random.default_rng(I).standard_normal((H, I)).astype("float32")
    x = np.zeros((I, T), "float32")
    x[np.arange(T) % used, np.arange(T)] = 1
    return W, x


@pytest.mark.parametrize("I", [8, 80, 800, 8000])
def test_products_that_are_0_round_nothing_at_any_number_of_features(I):
    W, x = words(I)
    h = np.full((8, 20), 0.3, "float32")
    z = np.dot(point(W), point(x)) + np.dot(point(np.ones((8, 8), "float32")), point(h))
    assert z.terms == 9
    few = np.dot(point(W[:, :8].copy()), point(x[:8].copy()))
    few = few + np.dot(point(np.ones((8, 8), "float32")), point(h))
    # Both centres are summed in float64, in orders of their own.
    rounding = 2 * higham(9, U["float64"]) * Fraction(float(few.bound().magnitude.max()))
    (one, radius, _), (other, their_radius, _) = z.decide(), few.decide()
    assert Fraction(float(np.abs(one - other).max())) <= rounding
    # Magnitudes are summed in float32.
    slight = 2 * float(higham(9 + 4, U["float32"]))
    np.testing.assert_allclose(radius, their_radius, rtol=2 * slight)


def test_products_are_summed_side_by_side():
    """Each sum is one of small integers, which no order rounds."""
    W, x = np.arange(-6.0, 6.0).reshape(3, 4), np.arange(28.0).reshape(4, 7)
    bias = Product(Operand(np.array([[1.0], [0.0], [2.0]])), Operand(np.ones((1, 1))))
    total = sum_of((Product(Operand(W), Operand(x)), bias), PRECISIONS["float64"])
    assert np.array_equal(total.centre.T, W @ x + [[1], [0], [2]])
    assert np.array_equal(total.magnitude.T, np.abs(W) @ x + [[1], [0], [2]])


@pytest.mark.parametrize("I", [8, 800])
def test_gates_share_what_has_been_made_of_their_columns(I, monkeypatch):
    """Of one-hot inputs, too, whose rows of zeros are left out for all gates once."""
    W, x = words(I)
    columns, make, made = Operand(x), products._columns, []
    monkeypatch.setattr(products, "_columns", lambda *of: made.append(1) or make(*of))
    for gate in (W, -W, 2 * W):
        sum_of((Product(Operand(gate), columns),), PRECISIONS["float32"])
    assert len(made) == 1


def test_a_column_for_all_keeps_its_place_beside_zeros():
    """The zero bias is left out; the other one is added to every row."""
    x = np.zeros((2, 3), "float32")
    zero, one = np.zeros((2, 1), "float32"), np.ones((2, 1), "float32")
    z = np.dot(point(np.ones((2, 2), "float32")), point(x)) + point(zero) + point(one)
    assert z.decide()[0].tolist() == [[1, 1, 1], [1, 1, 1]]
    z = np.dot(point(zero), point(x[:1])) + point(one)
    assert z.decide()[0].tolist() == [[1, 1, 1], [1, 1, 1]]


def test_numbers_that_stand_on_both_sides_are_not_mixed_up():
    """A single column is columns to a dot, and a matrix times 1 to a product of elements."""
    h = point(np.array([[2.0], [3.0]]))
    W = point(np.array([[1.0, 10.0], [100.0, 1000.0]]))
    assert np.dot(W, h).decide()[0].tolist() == [[32], [3200]]
    assert (h * h).decide()[0].tolist() == [[4], [9]]
    assert np.dot(W, h).decide()[0].tolist() == [[32], [3200]]


def test_what_was_made_of_columns_is_free_without_the_garbage_collector():
    W, x = point(np.ones((3, 2), "float32")), point(np.ones((2, 4), "float32"))
    np.dot(W, x).activate("tanh")
    columns = weakref.ref(x._operand)
    gc.disable()
    try:
        del x
        assert columns() is None
    finally:
        gc.enable()
