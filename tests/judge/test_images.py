"""An activation's enclosure is hardly wider than the image of the interval and K roundings: what is too wide cannot see."""

from fractions import Fraction

import numpy as np
import pytest

from harness.judge import activation
from harness.judge.activation import ONE_FROM, RULES, K
from harness.judge.precision import PRECISIONS
from tests.judge.oracle import activated, ball, smallest_normal

SMOOTH = ("tanh", "sigmoid", "softsign")
DTYPES = ("float32", "float64")
each_smooth = pytest.mark.parametrize("nonlinearity", SMOOTH)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


def intervals() -> tuple[np.ndarray, np.ndarray]:
    """Centres and radii of every size, points among them; around 0, far out, and on both sides of where the formula changes."""
    rng = np.random.default_rng(11)
    z = np.concatenate(
        [rng.uniform(-3, 3, 300), rng.uniform(-40, 40, 300), [0, 0, 0, 25, -25, 31, -31]]
    )
    r = np.concatenate(
        [np.exp2(rng.uniform(-60, 6, 500)), np.zeros(100), [0, 1, 1e-3, 1, 1, 0.5, 0]]
    )
    return z, r


def too_wide(nonlinearity: str, dtype: str) -> int:
    """At how many intervals the radius is more than the image, a 2^-4th of it, and the roundings.

    The slope within a radius of WIDE = 2^-6 changes by a factor of at most exp(2 WIDE), hence the 2^-4th. 2^-50 is NumPy's error in the two
    ends and the centre, and half as much again what these really were off. Then K * 2u and NumPy's 2^-51, of the value and its spread.
    """
    z, r = intervals()
    with np.errstate(all="ignore"):
        y, radius = RULES[nonlinearity](z, r, PRECISIONS[dtype])
    share = Fraction(2 * K[nonlinearity]) * Fraction(PRECISIONS[dtype].unit) + Fraction(1, 2**51)
    wide = 0
    for at, by, centre, given in zip(z, r, y, radius, strict=True):
        low, middle, high = (
            activated(nonlinearity, Fraction(at) + sign * Fraction(by)) for sign in (-1, 0, 1)
        )
        image = max(high - middle, middle - low, key=float)
        spread = image * ball(Fraction(17, 16)) + ball(Fraction(3, 2**51) if by else 0)
        allowed = (spread + ball(share) * (abs(ball(centre)) + spread)) * ball(
            1 + Fraction(1, 2**38)
        ) + ball(2 * smallest_normal(dtype))
        wide += not ball(given) <= allowed
    return wide


@each_smooth
@each_dtype
def test_a_radius_is_hardly_wider_than_the_image_and_k_roundings(nonlinearity, dtype):
    assert too_wide(nonlinearity, dtype) == 0


def test_a_radius_that_is_wider_is_noticed(monkeypatch):
    monkeypatch.setattr(activation, "WIDE", 64.0)
    assert too_wide("tanh", "float32") > 0
    assert too_wide("softsign", "float64") > 0


@each_dtype
@pytest.mark.parametrize("nonlinearity", ["tanh", "softsign"])
def test_a_point_other_than_0_has_room_for_k_roundings(nonlinearity, dtype):
    z = np.array([-31.0, -1.0, -1e-30, 1e-30, 1.0, 31.0])
    y, radius = RULES[nonlinearity](z, np.zeros_like(z), PRECISIONS[dtype])
    assert (radius >= K[nonlinearity] * 2 * PRECISIONS[dtype].unit * np.abs(y)).all()
    assert (radius >= PRECISIONS[dtype].tiny).all()


@each_dtype
@pytest.mark.parametrize("nonlinearity", RULES)
def test_an_infinite_radius_stays_infinite_or_is_the_range(nonlinearity, dtype):
    z = np.array([-5.0, 0.0, 5.0, 100.0])
    with np.errstate(all="ignore"):
        _, radius = RULES[nonlinearity](z, np.full_like(z, np.inf), PRECISIONS[dtype])
    assert radius.tolist() == [np.inf] * 4


@each_dtype
def test_a_relu_has_exactly_the_radius_that_reaches_the_farther_end_of_its_image(dtype):
    z, r = (array.ravel() for array in np.meshgrid(np.arange(-24, 25) / 8, np.arange(33) / 8))
    centre, radius = activation.relu(z, r, PRECISIONS[dtype])
    ends = np.maximum(z - r, 0), np.maximum(z + r, 0)
    assert np.array_equal(centre, np.maximum(z, 0))
    assert np.array_equal(radius, np.maximum(np.abs(ends[0] - centre), np.abs(ends[1] - centre)))


@each_dtype
def test_an_exactly_saturated_tanh_is_decided_by_the_whole_interval(dtype):
    z = np.array([40.0, -40.0, 40.0, -40.0])
    r = np.array([8.0, 8.0, 8.25, 8.25])
    y, radius = activation.tanh(z, r, PRECISIONS[dtype])
    assert ONE_FROM == 32
    assert np.array_equal(y, [1, -1, 1, -1])
    assert (radius == 0).tolist() == [True, True, False, False]
