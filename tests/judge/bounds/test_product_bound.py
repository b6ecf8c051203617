"""Bounds of many products: a short way to a grid decides as the long one does."""

import numpy as np
import pytest

from harness.judge.bounds import product_bound as module
from harness.judge.bounds.enclosure import enclosed, point
from harness.judge.bounds.precision import PRECISIONS


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("zeros", [0, 0.15, 0.9])
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_a_look_at_some_columns_decides_as_a_look_at_every_product_does(
    dtype, zeros, share, monkeypatch
):
    """`share` of the rows are small integers, and the others of all bits."""
    random = np.random.default_rng(7)
    values = random.uniform(-1, 1, (3, 40, 6))  # W, x and h: of 40 inputs or states
    values[:, :, : round(6 * share)] = random.integers(-3, 4, (3, 40, round(6 * share)))
    values[random.random(values.shape) < zeros] = 0
    W, x, h = (point(one.astype(dtype)) for one in (values[0].T.copy(), *values[1:]))
    one = point(np.ones((6, 1), dtype))

    def radii():
        return (np.dot(point(W.observed), x) + np.dot(point(W.observed), h) + one).decide()[1]

    short = radii()
    monkeypatch.setattr(module, "_may_be_exact", lambda rows, _: np.arange(len(rows.values)))
    assert np.array_equal(short, radii())
    some = (short == 0).any()
    assert some or share < 1
    assert not some or share or zeros > 0.5


@pytest.mark.parametrize("side", ["W", "x"])
def test_a_product_of_a_subnormal_number_counts_once_in_the_magnitude(side):
    many, few = np.full((4, 3), 2.0**100, "float32"), np.full((4, 3), 3, "float32")
    few[1] = 2.0**-130
    few[2, 0] = 0
    W, x = (few, many) if side == "W" else (many, few)
    magnitude = np.dot(point(W), point(x.T.copy())).bound().magnitude
    expected = np.dot(np.abs(x, dtype="float64"), np.abs(W, dtype="float64").T)
    np.testing.assert_allclose(magnitude, expected, rtol=2.0**-22)


@pytest.mark.parametrize("size", [3, 30, 400])
def test_a_product_in_float32_loses_nothing_that_float32_can_hold(size):
    """A bound rests on that. Reduced precision, TF32 or bfloat16, would lose some of these bits."""
    random = np.random.default_rng(5)
    W, x = (random.integers(0, 4000, shape) for shape in ((size, 8), (8, size)))
    W[:, 1:] >>= 11  # so that each sum is below 2^24
    exact = np.dot(W, x)
    assert np.array_equal(np.dot(W.astype("float32"), x.astype("float32")), exact)
    assert (exact > 2**20).any()


@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("side", ["W", "x"])
@pytest.mark.parametrize("first", [3.0, 0.0])
def test_one_sum_among_many_is_exact_whatever_the_others_are(side, at, first):
    random = np.random.default_rng(3)
    few = random.integers(1, 4, (4, 5)).astype("float32")
    many = few * np.float32(1 / 3)
    many[at] = few[at]
    many[at, 0] = first
    W, x = (many, few) if side == "W" else (few, many)
    radius = np.dot(point(W), point(x.T.copy())).decide()[1]
    assert (radius == 0).sum() == 4
    assert (radius[at] if side == "W" else radius[:, at]).max() == 0


@pytest.mark.parametrize(("more", "exact"), [(0, True), (2, False)])
def test_a_sum_stays_exact_up_to_the_last_bit(more, exact):
    """39 times 430,185, which is odd, is 2^24 - 1."""
    W, x = np.ones((20, 39), "float32"), np.full((39, 30), 430_185, "float32")
    x[0, 0] += more
    x[:, 1:] += np.float32(2.0**-5)
    _, radius, _ = np.dot(point(W), point(x)).decide()
    assert ((radius[:, 0] == 0) == exact).all()
    assert radius[:, 1:].all()


def test_a_sum_whose_sample_has_zeros_on_either_side_alone_is_looked_at():
    """Each side is 0 in half of the sample, columns 0, 2, 4, ...: 3 times 5 is all that is left."""
    W, x = np.zeros((1, 16), "float32"), np.zeros((16, 1), "float32")
    W[0, 2::4] = x[::4] = 2.0**-40
    W[0, 1], x[1] = 3, 5
    assert np.dot(point(W), point(x)).decide()[1].item() == 0
    x[1] = 0.1
    assert np.dot(point(W), point(x)).decide()[1].item() > 0


@pytest.mark.parametrize("at", [(4, 9), (9, 4)])
def test_of_few_rows_that_may_be_exact_each_is_looked_at_in_its_place(at):
    """One is exact, and one has a number of all bits outside of the sample."""
    W, x = np.ones((20, 39), "float32"), np.full((39, 30), 0.1, "float32")
    x[:, at] = 3
    x[1, at[1]] = 0.1
    _, radius, _ = np.dot(point(W), point(x)).decide()
    assert ((radius == 0) == (np.arange(30) == at[0])).all()


@pytest.mark.parametrize("number", [np.nan, np.inf, 0.1])
def test_one_row_leaves_the_others_exact(number):
    W, x = np.ones((20, 39), "float32"), np.full((39, 30), 3, "float32")
    x[5, 7] = number
    with np.errstate(all="ignore"):
        _, radius, _ = np.dot(point(W), point(x)).decide()
    assert ((radius == 0) == (np.arange(30) != 7)).all()


def test_nothing_times_a_sum_that_is_not_exact_is_exact():
    """Row 0 is behind a gate that is shut, as z * h of a GRU with z = 0: its sum is 0 + 3."""
    W, x = np.full((2, 40), 0.1, "float32"), np.full((40, 5), 0.7, "float32")
    gate, other = (np.full((2, 5), value, "float32") for value in (0.3, 3))
    gate[0] = 0
    radius = (np.dot(point(W), point(x)) * point(gate) + point(other)).decide()[1]
    assert not radius[0].any()
    assert radius[1].all()


def test_nothing_times_what_is_enclosed_is_exact():
    precision = PRECISIONS["float32"]
    inside = enclosed(np.full((2, 5), 0.7), np.full((2, 5), 1e-3), precision)
    gate = np.full((2, 5), 0.3, "float32")
    gate[0] = 0
    radius = (point(gate) * inside).decide()[1]
    assert not radius[0].any()
    assert radius[1].all()


def test_a_row_of_zeros_times_products_of_what_is_enclosed_is_exact():
    """dot(U, r * h) of a GRU that resets before: nothing of r * h is known exactly."""
    precision = PRECISIONS["float32"]
    r, h = (enclosed(np.full((3, 5), 0.7), np.full((3, 5), 1e-3), precision) for _ in "rh")
    U = np.full((2, 3), 0.3, "float32")
    U[0] = 0
    radius = np.dot(point(U), r * h).decide()[1]
    assert not radius[0].any()
    assert radius[1].all()
