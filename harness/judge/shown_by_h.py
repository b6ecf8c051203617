"""Encloses what each observed h = o tanh(c) of an LSTM shows of c, whatever c was before it."""

from typing import NamedTuple

import numpy as np

from harness.judge.bounds.activation import FUNCTIONS
from harness.judge.bounds.enclosure import Enclosure
from harness.judge.bounds.precision import DOUBLE, Precision

CERTAIN = 2.0**-20  # an output gate that may be smaller shows nothing of c
NEARLY_ONE = 1 - 2.0**-50  # from this tanh(c) on, all shows the same: |c| is at least 17.6
SHRUNK, STRETCHED = 1 - 2.0**-45, 1 + 2.0**-45  # cover what float64 rounds, in _arctanh, too


class Interval(NamedTuple):
    """Numbers between two bounds, each included."""

    low: np.ndarray
    high: np.ndarray


def shown_by_h(actual: np.ndarray, o: Enclosure, precision: Precision) -> Interval:
    """What each observed h (T, B, H) = o tanh(c) shows of c, whatever c was before.

    It shows nothing where the output gate may be near 0, or where h or o may be anything.
    """
    actual = np.ascontiguousarray(actual, np.float64)  # step by step in memory, as all else is
    sizes = np.abs(actual)
    centre, radius = (array.T.reshape(actual.shape) for array in (o.centre, o.radius))
    radius = radius.astype(np.float64)
    low, high = centre - radius, centre + radius
    unclear = ~(low > CERTAIN) | ~np.isfinite(sizes)
    # tanh within K, and the product within one rounding
    relative = (2 * FUNCTIONS["tanh"].k + 1.001) * precision.unit + DOUBLE.cancelled
    high *= 1 + relative
    low *= 1 - relative
    least = np.maximum(sizes - 2 * precision.tiny, 0) / high
    most = (sizes + 2 * precision.tiny) / low
    if precision.activation_error:  # of that tanh; the output gate's is in its radius
        least = np.maximum(least - precision.activation_error, 0)
        most = most + precision.activation_error / (1 - relative)
    near = _arctanh(np.minimum(least, NEARLY_ONE), SHRUNK)
    far = _arctanh(np.minimum(most, 1), STRETCHED)  # infinite from 1 on
    # Where h is as good as 0, it does not even show the sign of c.
    unsigned = unclear | (sizes <= 2 * precision.tiny) | (least == 0)
    if unsigned.any():
        np.copyto(far, np.inf, where=unclear)
        np.copyto(near, -far, where=unsigned)
    sign = np.copysign(1, actual)
    near *= sign
    far *= sign
    return Interval(np.minimum(near, far), np.maximum(near, far))


def _arctanh(x: np.ndarray, scale: float) -> np.ndarray:
    """arctanh of numbers from 0 to 1, where it is infinite, times a scale.

    log1p(2x / (1 - x)) / 2 loses a few units of float64; np.arctanh is slower without AVX-512.
    """
    y: np.ndarray = 1 - x
    np.divide(x, y, out=y)
    y *= 2
    np.log1p(y, out=y)
    y *= scale / 2
    return y
