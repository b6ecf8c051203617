"""What an activation makes of a pre-activation known to within a radius: the image of the interval, rounded outward.

Each rule takes the centre z and radius r of the pre-activation (float64 arrays) and gives centre and radius of the output.
Slopes are bounded by the mean value theorem; K is measured, not proved: see `calibration.json`.
"""

from collections.abc import Callable

import numpy as np

from harness.judge.precision import Precision

# An implementation's activation is taken to be within K * 2u|y| of the true value: one K for all implementations.
K = {"tanh": 8, "sigmoid": 8, "softsign": 4}
# From |z| = 32 on every implementation of tanh returns exactly 1: measured, and no consequence of K.
ONE_FROM = 32.0
OUTWARD = 1 + 2.0**-40  # covers the rounding of the few float64 operations that make a radius
WIDE = 2.0**-6  # below this radius the slope bound is as narrow as the image itself
RANGE = {"tanh": 2.0, "sigmoid": 1.0, "softsign": 2.0}  # width of the range, where it is bounded

Arrays = tuple[np.ndarray, np.ndarray]
Rule = Callable[[np.ndarray, np.ndarray, Precision], Arrays]


def tanh(z: np.ndarray, r: np.ndarray, precision: Precision) -> Arrays:
    """Slope 1/cosh^2 (1 - tanh^2 would cancel); tanh(0) = 0, and +-1 from ONE_FROM on, exactly."""
    least = np.maximum(np.abs(z) - r, 0)
    y, radius = _smooth(np.tanh, 1 / np.cosh(least) ** 2, K["tanh"], z, r, precision)
    one = least >= ONE_FROM
    return np.where(one, np.sign(z), y), np.where(one | ((z == 0) & (r == 0)), 0, radius)


def sigmoid(z: np.ndarray, r: np.ndarray, precision: Precision) -> Arrays:
    """Slope 1/(4 cosh^2(z/2)). 1/(1 + exp(-z)) has no cancellation: its relative error is that of exp, and two roundings."""
    least = np.maximum(np.abs(z) - r, 0)
    return _smooth(lambda x: 1 / (1 + np.exp(-x)), 0.25 / np.cosh(least / 2) ** 2, K["sigmoid"], z, r, precision)


def softsign(z: np.ndarray, r: np.ndarray, precision: Precision) -> Arrays:
    """Slope 1/(1 + |z|)^2; softsign(0) = 0 exactly."""
    least = np.maximum(np.abs(z) - r, 0)
    y, radius = _smooth(lambda x: x / (1 + np.abs(x)), 1 / (1 + least) ** 2, K["softsign"], z, r, precision)
    return y, np.where((z == 0) & (r == 0), 0, radius)


def relu(z: np.ndarray, r: np.ndarray, precision: Precision) -> Arrays:
    """Monotone and without rounding: the image is [max(z - r, 0), max(z + r, 0)], exactly 0 where z + r <= 0."""
    return np.maximum(z, 0), np.where(z < 0, np.maximum(z + r, 0), r)


def linear(z: np.ndarray, r: np.ndarray, precision: Precision) -> Arrays:
    """The pre-activation itself."""
    return z, r


RULES: dict[str, Rule] = {"tanh": tanh, "relu": relu, "linear": linear, "sigmoid": sigmoid, "softsign": softsign}


def _smooth(
    function: Callable[[np.ndarray], np.ndarray], slope: np.ndarray, k: int, z: np.ndarray, r: np.ndarray, precision: Precision
) -> Arrays:
    """The greatest slope times r, no wider than the monotone image, and K roundings of the implementation.

    K is owed at the value that the implementation got, which may be as large as |y| + spread. The last terms are NumPy's own
    error in `function` (2^-51 relative; worst measured against Arb: 2^-52) and a result flushed to zero.
    """
    y = function(z)
    spread = slope * r
    wide = (r > WIDE) & np.isfinite(r)
    if wide.any():
        at, by, centre = z[wide], r[wide], y[wide]
        image = np.maximum(np.abs(function(at + by) - centre), np.abs(function(at - by) - centre)) + 2.0**-50
        spread[wide] = np.minimum(spread[wide], image)
    radius = (spread + (k * 2 * precision.unit + 2.0**-51) * (np.abs(y) + spread)) * OUTWARD + precision.tiny
    return y, np.where(np.isinf(r), r, radius)
