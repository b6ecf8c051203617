"""Carries an LSTM's c from step to step as an enclosure, since nobody observes it between them.

|f| <= 1, so that its radius grows at most linearly; and each observed h narrows it again. Mostly it
fixes c by itself, whatever c was before, so that many steps are enclosed at once.
"""

from operator import itemgetter
from typing import Any

import numpy as np

from harness.judge.bounds.enclosure import Enclosure, Value, enclosed
from harness.judge.bounds.precision import DOUBLE, U64, Precision
from harness.judge.bounds.sum_bound import SumBound, leaf_bound
from harness.judge.shown_by_h import SHRUNK, Interval, shown_by_h
from references.arrays import sum_error
from references.cells import lstm
from references.cells.walk import Pass

MUCH = 1 / 4  # of all steps, from which they are enclosed one by one
ROUNDS = 16  # in which all stale steps are taken at once, before they are one by one
NEARLY = 3 / 4  # a radius that is more than this share of another is nearly as narrow
SLACK = 1 + 2.0**-8  # of what each step adds to the radius that is foreseen
OF_DOUBLE = 2.0**-4  # more of it in float64, in which what is foreseen is rounded as well
TOUCHED = 1 + 2.0**-30  # widens what is foreseen: an end in common is no miss by rounding


class CellState:
    """The c of one layer in one direction, from its first step to its last."""

    def __init__(
        self, part: Pass, actual: np.ndarray, precision: Precision, radius: float = 0.0
    ) -> None:
        """Starts from the pass's c, which may be off by this radius."""
        self.part = part
        self.actual = actual  # the observed h (B, T, H)
        c = part.initial[1].astype(np.float64)
        self.c = leaf_bound(c, np.full_like(c, radius) if radius else 0.0, precision)  # (B, H)

    def outputs(self, p: Any, x: Value, h: Value, steps: slice) -> Value:
        """The next outputs (H, T*B), as they are when they are stored; c goes on behind them."""
        forget, new, o = lstm.gates(p, x, h)
        actual = self.actual[:, steps].transpose(1, 0, 2)
        valid = None
        if self.part.mask is not None:
            valid = np.broadcast_to(self.part.mask[:, steps].T[:, :, np.newaxis], actual.shape)
        from_h = shown_by_h(actual, o.enclosure, o.precision)
        block = _Steps(forget.bound(), new.bound(), from_h, valid, self.c)
        self.c = block.last
        centre, radius = (array.reshape(-1, actual.shape[2]).T for array in block.stored)
        h_t: Value = lstm.output(o, enclosed(centre, radius, o.precision))
        return h_t.activate("state")

    @property
    def last(self) -> Enclosure:
        """c after the last step, (B, H)."""
        return Enclosure(*(array.T for array in Value.of(self.c).activate("state").enclosure))


class _Steps:
    """The c after each of some steps. Arrays are flat: step by step, each `width` numbers.

    Every step is enclosed from the c that is foreseen before it. Where that c turns out to be
    elsewhere, or much narrower, the step is stale, and enclosed again: so nothing is left unproved.
    """

    def __init__(
        self,
        forget: SumBound,
        new: SumBound,
        from_h: Interval,
        valid: np.ndarray | None,
        c: SumBound,
    ) -> None:
        shape = forget.centre.shape
        self.forget, self.new = (
            sums.each(lambda item: np.broadcast_to(item, shape).ravel()) for sums in (forget, new)
        )
        self.from_h = Interval(*(bound.ravel() for bound in from_h))
        self.valid = None if valid is None else valid.ravel()
        self.first, self.width = c, c.centre.size
        size = self.forget.centre.size
        self.stored = np.empty((2, size))  # centre and radius of c before its h narrows it
        # The c after a step is that before the next: both are views of the same numbers.
        every = np.empty((2, self.width + size))
        self.before, self.after = every[:, :size], every[:, self.width :]
        every[0, : self.width] = c.centre.ravel()
        every[1, : self.width] = np.broadcast_to(c.spread, c.centre.shape).ravel()
        stale = np.zeros(self.width + size, bool)
        self.stale, self.next_stale = stale[:size], stale[self.width :]
        self._foresee()
        self._enclose(slice(None))
        self._follow()

    def _foresee(self) -> None:
        """Sets each c before a step near to what it will be; nothing here has to be right."""
        self.after[0] = self._computed(self.before[:1, : self.width], self.new.centre)[0]
        own, exact = self._own(), self._exact()
        self._carry_ends(own, exact)
        # The c before some of them has been rounded, unless their gate is shut.
        inexact = (self.before[1, exact] > 0) & (self.forget.centre[exact] > 0)
        if inexact.any():
            self._carry_ends(own, exact[~inexact])

    def _carry_ends(self, own: np.ndarray, exact: np.ndarray) -> None:
        """Carries c from step to step as an interval, to which those that are exact add nothing."""
        if exact.size:
            own = own.copy()
            own[exact] = 0
        shifts = np.empty((2, self.stale.size))
        np.subtract(self.new.centre, own, out=shifts[0])
        np.add(self.new.centre, own, out=shifts[1])
        centre, radius = self.before[:, : self.width]
        low, high = self._computed(np.stack([centre - radius, centre + radius]), shifts)
        self.after[0], self.after[1] = _between(low, high)
        self.after[1] *= TOUCHED
        if exact.size:
            self.after[1, low == high] = 0

    def _exact(self) -> np.ndarray:
        """The steps of which all is known exactly and nothing is rounded, as far as c shows."""
        at = np.flatnonzero((self.forget.spread == 0) & (self.new.spread == 0))
        dtype, c, addend = self.first.precision.dtype, self.before[0, at], self.new.centre[at]
        product = self.forget.centre[at] * c  # with a gate of 0, 1/2 or 1
        total = product + addend
        fit = ((c.astype(dtype) == c) | (product == 0)) & (total.astype(dtype) == total)
        exact: np.ndarray = at[fit & (sum_error(product, addend) == 0)]
        return exact

    def _own(self) -> np.ndarray:
        """About what each step adds to the radius of c, besides what is left of that before it.

        It is what `_sums` finds where nothing is exact, and a little more.
        """
        precision, f, new = self.first.precision, self.forget, self.new
        roundings, tiny = 2 * (precision.unit + U64), precision.tiny  # of f c and the sum, here too
        size = precision.of_bounds(np.abs(self.before[0]))
        own: np.ndarray = f.spread + (precision.of_bounds(f.flushed) + 2 * tiny)
        own *= size
        own += f.magnitude * (roundings * size + 2 * tiny)
        own += new.spread
        own += roundings * new.magnitude
        own += precision.of_bounds(new.flushed) + 4 * tiny
        own *= SLACK + U64 / precision.unit * OF_DOUBLE
        return own

    def _computed(self, c: np.ndarray, shifts: np.ndarray) -> np.ndarray:
        """The c after each step, f c and a shift, within what h shows; c (K, width) is before."""
        values = np.empty((len(c), self.stale.size))
        arrays = [values, self.forget.centre, shifts, *self.from_h]
        if self.valid is not None:
            arrays.append(~self.valid)
        for new, forget, shift, low, high, *masked in zip(*map(self._by_step, arrays), strict=True):
            np.multiply(forget, c, out=new)
            np.add(new, shift, out=new)
            np.maximum(new, low, out=new)
            np.minimum(new, high, out=new)
            if masked:
                np.copyto(new, c, where=masked[0])
            c = new
        return values

    def _by_step(self, array: np.ndarray) -> np.ndarray:
        """(..., size) as (T, ..., width)."""
        return array.reshape(*array.shape[:-1], -1, self.width).swapaxes(0, -2)

    def _follow(self) -> None:
        """Encloses what is stale: all at once in a few rounds, then step by step."""
        width, size = self.width, self.stale.size
        for _ in range(ROUNDS):
            places = np.flatnonzero(self.stale)
            if not places.size:
                return
            if places.size > MUCH * size:
                break
            self._enclose(places)
        for start in range(width, size, width):
            step = slice(start, start + width)
            if self.stale[step].any():
                self._enclose(step)

    def _enclose(self, at: Any) -> None:
        """Encloses the steps at these places from the c before them."""
        self._put(at, *self._sums(at))

    def _sums(self, at: Any) -> tuple[np.ndarray, np.ndarray]:
        """Centre and radius of the c after these steps, as it is stored, from that before them."""
        item = itemgetter(at)
        c = leaf_bound(self.before[0, at], self.before[1, at], self.first.precision)
        sums = lstm.cell_state(self.forget.each(item), self.new.each(item), c)
        centre, radius, _ = sums.decide()
        return centre, radius

    def _put(self, at: Any, centre: np.ndarray, radius: np.ndarray) -> None:
        """Notes the c after these steps, and where another was foreseen."""
        self.stored[0, at], self.stored[1, at] = centre, radius
        low, high = self.from_h.low[at], self.from_h.high[at]
        centre, radius = _narrow(self.stored[0, at], self.stored[1, at], low, high)
        if self.valid is not None:
            centre = np.where(self.valid[at], centre, self.before[0, at])
            radius = np.where(self.valid[at], radius, self.before[1, at])
        self.stale[at] = False
        self.next_stale[at] |= _misses(centre, radius, self.after[0, at], self.after[1, at])
        self.after[0, at], self.after[1, at] = centre, radius

    @property
    def last(self) -> SumBound:
        """c after these steps, (B, H)."""
        centre, radius = self.after[:, -self.width :].reshape(2, *self.first.centre.shape)
        return leaf_bound(centre, radius, self.first.precision)


def _narrow(
    centre: np.ndarray, radius: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The part of centre +- radius that lies between two bounds; all of it where none does.

    An output outside of its enclosure shows nothing of c.
    """
    least, most = centre - radius, centre + radius
    np.maximum(least, low, out=least)
    np.minimum(most, high, out=most)
    middle, half = _between(least, most)
    narrower = (least <= most) & (half < radius)
    same = np.flatnonzero(~narrower)  # four times as fast as a mask
    middle[same], half[same] = centre[same], radius[same]
    return middle, half


def _misses(
    centre: np.ndarray, radius: np.ndarray, others: np.ndarray, their_radius: np.ndarray
) -> np.ndarray:
    """Which numbers are not within the others, or in much wider ones."""
    distance, room = np.subtract(centre, others), np.subtract(their_radius, radius)
    np.abs(distance, out=distance)
    room *= SHRUNK
    misses: np.ndarray = ~(distance <= room) | (radius < NEARLY * their_radius)
    if misses.any():
        misses &= (centre != others) | (radius != their_radius)  # infinite ones
    return misses


def _between(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre and radius of the numbers between two bounds."""
    middle, half = low + high, high - low
    middle /= 2
    half *= DOUBLE.outward / 2
    half += np.abs(middle) * 2.0**-50
    return middle, half
