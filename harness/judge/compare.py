"""Compares outputs with their certificates: counts, the worst and the first place, the sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from harness.judge.bounds.enclosure import Enclosure
from harness.judge.certificate import Certificate
from harness.judge.verdict import Kind, Place, Verdict
from references.case import Case, Outputs

SMALLEST = 2.0**-1074  # no radius but 0 changes by it
MANY = 1 << 16  # outputs of which only some are compared at a time


@dataclass
class _Tally:
    outputs: int = 0
    exact: int = 0
    undecided: int = 0
    wrong: int = 0
    deviation: float = 0.0
    worst: Place | None = None
    first: Place | None = None


def compare(case: Case, name: str, outputs: Outputs, certificates: list[Certificate]) -> Verdict:
    """Gives the verdict on well-formed outputs."""
    tally = _Tally()
    state_wrong = ""
    for certificate in certificates:
        index = certificate.layer * case.config.num_directions + certificate.direction
        if not certificate.is_observed:
            if outputs.h_n is not None:
                actual = outputs.h_n[index][:, np.newaxis]
                _count(case, replace(certificate, actual=actual), tally)
            continue
        _count(case, certificate, tally)
        if outputs.h_n is not None and not state_wrong:
            state_wrong = _state_complaint(index, outputs.h_n[index], certificate.h_n)
        if outputs.c_n is not None and certificate.c_n is not None:
            # Nothing else is known of c: "c_n returned is h_n" shows here alone.
            last = Enclosure(*(array[:, np.newaxis] for array in certificate.c_n))
            actual = outputs.c_n[index][:, np.newaxis]
            _count(case, replace(certificate, actual=actual, enclosure=last, state="c"), tally)
    if state_wrong:
        tally.deviation = math.inf
    arrays = [one.actual for one in certificates if one.is_observed]
    arrays += outputs.states
    wider = any(array.dtype != case.config.dtype for array in arrays)
    kind, reason = _outcome(tally, state_wrong, case.config.dtype)
    h_n = outputs.h_n is not None
    c_n = outputs.c_n is not None and all(one.c_n is not None for one in certificates)
    return Verdict(
        kind, name, case, reason, **vars(tally), h_n_checked=h_n, c_n_checked=c_n, wider=wider
    )


def _outcome(tally: _Tally, state_wrong: str, dtype: str) -> tuple[Kind, str]:
    """The kind of verdict and its sentence."""
    outputs, exact = tally.outputs, tally.exact
    if tally.wrong:
        where = "outputs lie outside what right arithmetic can give"
        return "differs", f"{tally.wrong} of {outputs} {where}"
    if state_wrong:
        return "differs", state_wrong
    if 2 * tally.undecided > outputs:
        count = f"{tally.undecided} of {outputs}"
        return "inconclusive", f"the bound of {count} outputs is too wide to prove anything"
    equal = f"{'all' if exact == outputs else exact} of them had to be equal, and are"
    return "agrees", f"{outputs} outputs of {dtype} lie inside their bounds; {equal}"


def _count(case: Case, certificate: Certificate, tally: _Tally) -> None:
    B, T, H = certificate.actual.shape
    rows, steps = max(1, MANY // (T * H)), max(1, MANY // H)
    peak, peak_place, wrong, first = -1.0, None, 0, None
    for row, step in product(range(0, B, rows), range(0, T, steps)):
        ratio, inside = _ratios(
            certificate, (slice(row, row + rows), slice(step, step + steps)), tally
        )
        index = int(np.argmax(ratio))
        if ratio.flat[index] > peak:  # an undecided one has -1
            peak = float(ratio.flat[index])
            place = np.unravel_index(index, ratio.shape)
            peak_place = (row + int(place[0]), step + int(place[1]), int(place[2]))
        if not inside.all():
            wrong += inside.size - int(np.count_nonzero(inside))
            t, unit, r = map(int, np.argwhere(~inside.transpose(1, 2, 0))[0])
            here = (step + t, unit, row + r)
            first = here if first is None else min(first, here)
    tally.wrong += wrong
    if peak_place is not None:
        worst = _place(case, certificate, peak_place)
        if tally.worst is None or worst.ratio > tally.worst.ratio or (wrong and not tally.first):
            tally.worst = worst
    if first is not None and tally.first is None:
        t, unit, row = first
        tally.first = _place(case, certificate, (row, t, unit))


def outside(certificate: Certificate) -> np.ndarray:
    """Which outputs (B, T, H) lie outside of what is allowed."""
    _, inside = _ratios(certificate, (slice(None), slice(None)), _Tally())
    return ~inside


@np.errstate(all="ignore")
def _ratios(
    certificate: Certificate, block: tuple[slice, slice], tally: _Tally
) -> tuple[np.ndarray, np.ndarray]:
    """The differences over what is allowed, and which lie inside; counts all but the wrong."""
    actual = certificate.actual[block]
    centre, radius, decided = (array[block] for array in certificate.enclosure)
    difference = np.subtract(actual, centre, dtype=np.float64)
    np.abs(difference, out=difference)
    radius = radius.astype(np.float64, copy=False)  # it may be in float32
    inside = difference <= radius
    exact = 0 if radius.min() > 0 else inside.size - int(np.count_nonzero(radius))
    # 0 where the value is exact and equal.
    ratio = difference / (radius + SMALLEST if exact else radius)
    undecided = inside.size - int(np.count_nonzero(decided))
    if not inside.all():  # unless anything is allowed; then so is NaN
        inside |= np.isposinf(radius)
        # NaN is as far outside as can be.
        furthest = np.isnan(difference) | (radius == 0)
        ratio = np.where(inside, ratio, np.where(furthest, np.inf, ratio))
        beyond = np.nan_to_num(difference - radius, nan=np.inf, posinf=np.inf)[~inside]
        tally.deviation = max(tally.deviation, float(beyond.max(initial=0)))
    if undecided:  # an undecided output that is inside says nothing
        ratio = np.where(inside & ~decided, -1.0, ratio)
    tally.outputs += inside.size
    tally.exact += exact
    tally.undecided += undecided
    return ratio, inside


def _place(case: Case, certificate: Certificate, index: Sequence[Any]) -> Place:
    row, time, unit = map(int, index)
    centre = float(certificate.enclosure.centre[row, time, unit])
    radius = float(certificate.enclosure.radius[row, time, unit])
    actual = float(certificate.actual[row, time, unit])
    ulp = abs(actual - centre) / float(np.spacing(np.abs(np.asarray(centre, case.config.dtype))))
    layer, direction = certificate.layer, certificate.direction
    if certificate.actual.shape[1] == 1:  # a last state
        time = case.time - 1
    elif certificate.steps is not None:
        time = int(certificate.steps[time])
    step = case.time - 1 - time if direction else time  # in the layer's sequence
    numbers = actual, centre, radius, ulp
    return Place(layer, direction, row, step, unit, *numbers, certificate.state)


def _state_complaint(index: int, actual: np.ndarray, expected: np.ndarray) -> str:
    """The final state must equal the output at the last valid step; (B, H) both.

    Where one of them is wider than the other, it must equal it when rounded.
    """
    same = actual == expected
    if actual.dtype != expected.dtype:
        with np.errstate(all="ignore"):
            same = actual.astype("float32") == expected.astype("float32")
    wrong = ~(same | (np.isnan(actual) & np.isnan(expected)))
    if not wrong.any():
        return ""
    row, unit = (int(i) for i in np.argwhere(wrong)[0])
    return (
        f"h_n[{index}, {row}, {unit}] is {float(actual[row, unit])!r}, "
        f"but the state after the last valid step is {float(expected[row, unit])!r}"
    )
