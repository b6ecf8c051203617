"""Encloses the image of an interval of pre-activations under each activation, rounded outward.

Each rule takes the centre z and radius r of the pre-activation (float64 arrays) and gives centre
and radius of the output. Slopes are bounded by the mean value theorem. What an implementation may
be off is measured, not proved: see `calibration.json`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from harness.judge.bounds.precision import Precision

# From |z| = 32 on every implementation of tanh returns exactly 1: measured, not implied by K.
ONE_FROM = 32.0
# From here every implementation of sigmoid returns exactly 1, or exactly 0: measured too.
FULL = 64.0
# For loops in NumPy that compute a narrower sigmoid as (1 + tanh(z / 2)) / 2 in float64, where it
# neither overflows nor warns: near 0 the sum loses so much. No framework in calibration.json does.
BY_TANH = 2.0**-53
EMPTY = {"float16": -32.0, "float32": -128.0, "float64": -1024.0}
WIDE = 2.0**-6  # below this radius the slope bound is as narrow as the image itself

Arrays = tuple[np.ndarray, np.ndarray]
Rule = Callable[[np.ndarray, np.ndarray, Precision], Arrays]


class Activation(NamedTuple):
    """What the enclosure knows of a function; 0 where it rounds nothing of its own."""

    rule: Rule
    width: float = np.inf  # of its range
    # It counts as right within k * 2u|y| of the true value: one k for all implementations.
    k: int = 0
    # Results below this multiple of the smallest normal number may be flushed to zero.
    flushed: int = 0


def tanh(z: np.ndarray, r: np.ndarray, precision: Precision) -> Arrays:
    """Slope 1 - y^2; tanh(0) = 0, and +-1 from ONE_FROM on, exactly."""
    y = np.tanh(z)
    size = precision.of_bounds(y)
    slope = size * size
    np.subtract(1 + precision.bounds.cancelled, slope, out=slope)
    radius = _smooth(np.tanh, size, slope, "tanh", z, r, precision)
    _exact_at_zero(z, r, radius)
    if max(z.max(), -z.min()) >= ONE_FROM:
        one = np.abs(z) - r >= ONE_FROM
        np.copyto(radius, 0, where=one)
        np.copyto(y, np.sign(z), where=one)
    return y, radius


def sigmoid(z: np.ndarray, r: np.ndarray, precision: Precision) -> Arrays:
    """Slope y (1 - y); 1/2 at 0, 1 from FULL on and 0 from EMPTY down, exactly.

    1/(1 + exp(-z)) has no cancellation: its relative error is that of exp, and two roundings.
    """
    y = _sigmoid(z)
    size = precision.of_bounds(y)
    slope = (1 + precision.bounds.cancelled) - size
    slope *= size  # this loses no more than a share of y, be it as small as it may
    by_tanh = 0.0 if precision.dtype == "float64" else BY_TANH
    radius = _smooth(_sigmoid, size, slope, "sigmoid", z, r, precision, by_tanh)
    _exact_at_zero(z, r, radius)
    # What is observed in a wider dtype may be as small as that can hold.
    empty = EMPTY["float64" if precision.casts else precision.dtype]
    for value, there in (
        (1, z - r >= FULL if z.max() >= FULL else None),
        (0, z + r <= empty if z.min() <= empty else None),
    ):
        if there is not None:
            np.copyto(radius, 0, where=there)
            np.copyto(y, value, where=there)
    return y, radius


def softsign(z: np.ndarray, r: np.ndarray, precision: Precision) -> Arrays:
    """Slope 1/(1 + |z|)^2; softsign(0) = 0 exactly."""
    y = _softsign(z)
    slope = precision.of_bounds(1 / (1 + np.abs(z)) ** 2 + precision.bounds.cancelled)
    radius = _smooth(_softsign, precision.of_bounds(y), slope, "softsign", z, r, precision)
    _exact_at_zero(z, r, radius)
    return y, radius


def relu(z: np.ndarray, r: np.ndarray, precision: Precision) -> Arrays:
    """Monotone, without rounding: [max(z - r, 0), max(z + r, 0)], exactly 0 where z + r <= 0."""
    return np.maximum(z, 0), np.where(z < 0, np.maximum(z + r, 0), r)


def linear(z: np.ndarray, r: np.ndarray, precision: Precision) -> Arrays:
    """The pre-activation itself."""
    return z, r


FUNCTIONS = {
    "tanh": Activation(tanh, 2.0, k=8, flushed=1),
    "relu": Activation(relu),
    "linear": Activation(linear),
    "state": Activation(linear, 2.0),  # of a gated cell; most lie in the range of tanh
    # The sigmoid in torch's LSTM, oneDNN's, is 0 up to 1.42 times the smallest normal number.
    "sigmoid": Activation(sigmoid, 1.0, k=8, flushed=2),
    "softsign": Activation(softsign, 2.0, k=4, flushed=1),
}


SMOOTH = tuple(name for name, one in FUNCTIONS.items() if one.k)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    """Where exp overflows, sigmoid is below the smallest normal number, and this is 0."""
    with np.errstate(over="ignore"):
        y: np.ndarray = np.negative(x)
        np.exp(y, out=y)
    y += 1
    np.divide(1, y, out=y)
    return y


def _softsign(x: np.ndarray) -> np.ndarray:
    return np.asarray(x / (1 + np.abs(x)))


def _exact_at_zero(z: np.ndarray, r: np.ndarray, radius: np.ndarray) -> None:
    if r.min() == 0:
        np.copyto(radius, 0, where=(z == 0) & (r == 0))


def _smooth(
    function: Callable[[np.ndarray], np.ndarray],
    size: np.ndarray,
    slope: np.ndarray,
    name: str,
    z: np.ndarray,
    r: np.ndarray,
    precision: Precision,
    lost: float = 0.0,
) -> np.ndarray:
    """The radius of y = function(z): the greatest slope times r, and k roundings of the activation.

    `size` is y in the arithmetic of the radii, which take the place of `slope`.
    The first is no wider than the monotone image. All three functions have |(log slope)'| <= 2.
    So no slope within r of z exceeds e^(2r) <= 1 + 3r times the `slope` at z, and none exceeds 1.
    `slope` is at least the true one: it holds what 1 - y lost, which multiplies r, so that it is
    below any rounding. k applies at the implementation's own value, at most |y| + spread.
    The last terms are NumPy's own error in `function` (2^-51 relative; the worst measured against
    Arb is 2^-52), a result flushed to zero, and what else is `lost`.
    """
    _, _, k, flushed = FUNCTIONS[name]
    roundings = k * 2 * precision.unit + 2.0**-51
    outward = (1 + roundings) * precision.bounds.outward
    spread = r * (3 * outward)
    spread += outward
    spread *= r
    spread *= slope
    if r.max() > WIDE:
        wide = (r > WIDE) & np.isfinite(r)
        spread[wide] = _image(function, name, z[wide], r[wide]) * outward
    radius: np.ndarray = np.multiply(size, roundings * precision.bounds.outward, out=slope)
    if name != "sigmoid":  # which is not negative
        np.abs(radius, out=radius)
    radius += spread
    radius += flushed * precision.tiny * precision.bounds.outward + lost
    return radius


def _image(
    function: Callable[[np.ndarray], np.ndarray], name: str, z: np.ndarray, r: np.ndarray
) -> np.ndarray:
    """The radius of the monotone image of z +- r, whose ends are rounded themselves."""
    top, y, bottom = function(z + r), function(z), function(z - r)
    image = np.maximum(np.abs(top - y), np.abs(bottom - y))
    ends: np.ndarray | float = 2.0**-50
    if name == "sigmoid":  # a gate that is nearly shut stays narrow
        ends = np.minimum(ends, 2.0**-49 * (1 + np.abs(z)) * top)
    narrower: np.ndarray = np.minimum(r, image + ends)
    return narrower
