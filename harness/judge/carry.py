"""Carries an LSTM's c from step to step as an enclosure, since nobody observes it between them.

|f| <= 1, so that its radius grows at most linearly; and each observed h narrows it again.
"""

from typing import Any, NamedTuple

import numpy as np

from harness.judge.activation import CANCELLED, FUNCTIONS, OUTWARD
from harness.judge.enclosure import Enclosure, Value, enclosed
from harness.judge.precision import Precision
from harness.judge.sum_bound import by_step, leaf_bound
from references.cells import lstm
from references.cells.walk import Pass

CERTAIN = 2.0**-20  # an output gate that may be smaller shows nothing of c
TANH_ONE = 18.0  # where tanh is 1 - 2^-50
NARROWER = 1.99  # a width of less than so many radii is narrower
SHRUNK, STRETCHED = 1 - 2.0**-45, 1 + 2.0**-45  # more than float64's atanh rounds


class Interval(NamedTuple):
    """Numbers between two bounds, each included."""

    low: np.ndarray
    high: np.ndarray


class CellState:
    """The c of one layer in one direction, from its first step to its last."""

    def __init__(self, part: Pass, actual: np.ndarray, precision: Precision) -> None:
        self.part = part
        self.actual = actual  # the observed h (B, T, H)
        self.c = leaf_bound(part.initial[1].astype(np.float64), 0.0, precision)  # (B, H)

    def outputs(self, p: Any, x: Value, h: Value, steps: slice) -> Value:
        """The next outputs (H, T*B), as they are when they are stored; c goes on behind them."""
        forget, new, o = lstm.gates(p, x, h)
        actual = self.actual[:, steps].transpose(1, 0, 2)
        from_h = _by_h(actual, o.enclosure, o.precision)
        sums = zip(*(by_step(value.bound(), len(actual)) for value in (forget, new)), strict=True)
        radii = np.empty(actual.shape)
        centres = np.empty(actual.shape)
        for t, (forget_t, new_t) in enumerate(sums):
            centres[t], radii[t], _ = lstm.cell_state(forget_t, new_t, self.c).decide()
            self._advance(steps.start + t, *_narrow(centres[t], radii[t], from_h, t))
        centre, radius = (array.reshape(-1, actual.shape[2]).T for array in (centres, radii))
        h_t: Value = lstm.output(o, enclosed(centre, radius, o.precision))
        return h_t.activate("state")

    def _advance(self, t: int, centre: np.ndarray, radius: np.ndarray) -> None:
        if self.part.mask is not None:
            valid = self.part.mask[:, t, np.newaxis]
            centre = np.where(valid, centre, self.c.centre)
            radius = np.where(valid, radius, self.c.spread)
        self.c = leaf_bound(centre, radius, self.c.precision)

    @property
    def last(self) -> Enclosure:
        """c after the last step, (B, H)."""
        return Enclosure(*(array.T for array in Value.of(self.c).activate("state").enclosure))


def _by_h(actual: np.ndarray, o: Enclosure, precision: Precision) -> Interval:
    """What each observed h (T, B, H) = o tanh(c) shows of c, whatever c was before.

    It shows nothing where the output gate may be near 0, or where h or o may be anything.
    """
    sizes = np.abs(actual, dtype=np.float64)
    centre, radius = (array.T.reshape(actual.shape) for array in (o.centre, o.radius))
    # tanh within K, and the product within one rounding
    relative = (2 * FUNCTIONS["tanh"].k + 1.001) * precision.unit + CANCELLED
    least = np.maximum(sizes - 2 * precision.tiny, 0) / ((centre + radius) * (1 + relative))
    most = (sizes + 2 * precision.tiny) / ((centre - radius) * (1 - relative))
    near = np.where(least < 1, np.arctanh(np.minimum(least, 1)) * SHRUNK, TANH_ONE)
    far = np.where(most < 1, np.arctanh(np.minimum(most, 1)) * STRETCHED, np.inf)
    unclear = ~(centre - radius > CERTAIN) | ~np.isfinite(sizes)
    np.copyto(far, np.inf, where=unclear)
    # Where h is as good as 0, it does not even show the sign of c.
    np.copyto(near, -far, where=unclear | (sizes <= 2 * precision.tiny))
    negative = actual < 0
    return Interval(np.where(negative, -far, near), np.where(negative, -near, far))


def _narrow(
    centre: np.ndarray, radius: np.ndarray, from_h: Interval, t: int
) -> tuple[np.ndarray, np.ndarray]:
    """The part of centre +- radius that lies in an interval; all of it where none does.

    An output outside of its enclosure shows nothing of c.
    """
    # In place: a new array costs as much as the numbers of one step.
    low, high = centre - radius, centre + radius
    np.maximum(low, from_h.low[t], out=low)
    np.minimum(high, from_h.high[t], out=high)
    width = high - low
    better = width >= 0
    better &= width < NARROWER * radius
    low += high
    low /= 2
    middle, half = low, np.abs(low, out=high)
    half *= 2.0**-50
    width *= OUTWARD / 2
    half += width
    return np.where(better, middle, centre), np.where(better, half, radius)
