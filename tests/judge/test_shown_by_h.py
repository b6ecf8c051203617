"""What an observed h shows of an LSTM's c: an interval that holds it."""

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from harness.judge.bounds.activation import FUNCTIONS
from harness.judge.bounds.enclosure import Enclosure
from harness.judge.bounds.precision import PRECISIONS
from harness.judge.shown_by_h import NEARLY_ONE, SHRUNK, STRETCHED, _arctanh, shown_by_h

DTYPES = ("float32", "float64")


@pytest.fixture(autouse=True)
def _as_certify_runs():
    with np.errstate(all="ignore"):
        yield


def of_one(c: float, o: float, radius: float, dtype: str, h: float | None = None):
    """What one output o tanh(c) shows of c."""
    h = o * np.tanh(c) if h is None else h
    o_enclosed = Enclosure(np.full((1, 1), o), np.full((1, 1), radius), np.ones((1, 1), bool))
    from_h = shown_by_h(np.full((1, 1, 1), h, dtype), o_enclosed, PRECISIONS[dtype])
    return from_h.low.item(), from_h.high.item()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("o", [1e-3, 0.5, 1.0])
@pytest.mark.parametrize("c", [-20.0, -3.0, -1e-3, 0.0, 1e-30, 0.5, 2.0, 9.0, 40.0])
def test_what_an_output_shows_of_c_holds_c(c, o, dtype):
    low, high = of_one(c, o, o * 1e-6, dtype)
    assert low <= c <= high
    if 0.01 < abs(c) < 3:
        assert high - low < 1e-3 * abs(c)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("c", [-3.0, 1e-3, 0.5, 9.0])
@pytest.mark.parametrize("sign", [-1, 1])
def test_an_output_may_be_off_by_what_its_tanh_and_its_product_round(sign, c, dtype):
    off = 1 + sign * (2 * FUNCTIONS["tanh"].k + 1) * PRECISIONS[dtype].unit
    h = np.float64(0.5 * np.tanh(c) * off)
    o = Enclosure(np.full((1, 1), 0.5), np.zeros((1, 1)), np.ones((1, 1), bool))
    low, high = shown_by_h(np.full((1, 1, 1), h), o, PRECISIONS[dtype])
    assert low.item() <= c <= high.item()


@given(st.floats(2**-1000, 1, exclude_max=True) | st.floats(2**-53, 1).map(lambda gap: 1 - gap))
def test_arctanh_lies_within_what_is_added_for_it(x):
    true = arb(x).atanh()
    low, high = (_arctanh(np.array([x]), scale).item() for scale in (SHRUNK, STRETCHED))
    assert arb(low) <= true <= arb(high)


def test_arctanh_is_infinite_at_1():
    assert np.isposinf(_arctanh(np.array([1.0]), 1.0)).all()


@pytest.mark.parametrize(("h", "o"), [(np.nan, 0.5), (np.inf, 0.5), (0.25, 2.0**-21), (0.0, 0.0)])
def test_an_output_that_shows_nothing_leaves_c_as_it_was(h, o):
    assert of_one(1, o, 0, "float32", h) == (-np.inf, np.inf)


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_output_larger_than_its_gate_shows_a_large_c(dtype):
    low, high = of_one(1, 0.5, 0, dtype, 0.75)
    assert 17.6 < arb(low) <= arb(NEARLY_ONE).atanh()
    assert np.isposinf(high)


def test_an_output_as_good_as_0_does_not_show_the_sign_of_c():
    low, high = of_one(0, 0.5, 0, "float32", 2.0**-126)
    assert low == -high < 0
