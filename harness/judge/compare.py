"""Compares what was observed with its certificates: counts, worst and first place, and the sentence of the verdict."""

from dataclasses import dataclass

import numpy as np

from harness.judge.certificate import Certificate
from harness.judge.verdict import Place, Verdict
from references.case import Case, Outputs

SMALLEST = 2.0**-1074  # no radius but 0 changes by it


@dataclass
class _Tally:
    outputs: int = 0
    exact: int = 0
    undecided: int = 0
    wrong: int = 0
    worst: Place | None = None
    first: Place | None = None


def compare(case: Case, name: str, outputs: Outputs, certificates: list[Certificate]) -> Verdict:
    """The verdict on well-formed outputs."""
    tally = _Tally()
    state_wrong = ""
    for certificate in certificates:
        _count(case, certificate, tally)
        if outputs.h_n is not None and not state_wrong:
            index = certificate.layer * case.config.num_directions + certificate.direction
            state_wrong = _state_complaint(index, outputs.h_n[index], certificate.h_n)
    config = case.config
    if tally.wrong:
        kind, reason = (
            "differs",
            f"{tally.wrong} of {tally.outputs} outputs lie outside what right arithmetic can give",
        )
    elif state_wrong:
        kind, reason = "differs", state_wrong
    elif 2 * tally.undecided > tally.outputs:
        kind, reason = (
            "inconclusive",
            f"the bound of {tally.undecided} of {tally.outputs} outputs is too wide to prove anything",
        )
    else:
        equal = (
            "all of them had to be equal and are"
            if tally.exact == tally.outputs
            else f"{tally.exact} of them had to be equal and are"
        )
        kind, reason = (
            "agrees",
            f"{tally.outputs} outputs of {config.dtype} lie inside their bounds, {equal}",
        )
    return Verdict(kind, name, case, reason, **vars(tally), h_n_checked=outputs.h_n is not None)  # type: ignore[arg-type]


def _count(case: Case, certificate: Certificate, tally: _Tally) -> None:
    centre, radius, decided = certificate.enclosure
    with np.errstate(all="ignore"):
        difference = np.abs(certificate.actual - centre)
        inside = difference <= radius
        ratio = difference / (radius + SMALLEST)  # 0 where the value is exact and equal
    outside = inside.size - int(np.count_nonzero(inside))
    undecided = inside.size - int(np.count_nonzero(decided))
    wrong = 0
    if outside:  # unless anything is allowed; then so is NaN
        inside |= np.isposinf(radius)
        wrong = inside.size - int(np.count_nonzero(inside))
        # NaN is as far outside as can be.
        ratio = np.where(
            inside, ratio, np.where(np.isnan(difference) | (radius == 0), np.inf, ratio)
        )
    if undecided:  # an undecided output that is inside says nothing
        ratio = np.where(inside & ~decided, -1.0, ratio)
    tally.outputs += inside.size
    tally.exact += inside.size - int(np.count_nonzero(radius))
    tally.undecided += undecided
    tally.wrong += wrong
    peak = int(np.argmax(ratio))
    if ratio.flat[peak] >= 0:
        worst = _place(case, certificate, np.unravel_index(peak, ratio.shape))
        if tally.worst is None or worst.ratio > tally.worst.ratio or (wrong and not tally.first):
            tally.worst = worst
    if wrong and tally.first is None:
        time, unit, row = np.argwhere(~inside.transpose(1, 2, 0))[0]
        tally.first = _place(case, certificate, (row, time, unit))


def _place(
    case: Case, certificate: Certificate, at: tuple[int, ...] | tuple[np.intp, ...]
) -> Place:
    row, time, unit = (int(index) for index in at)
    centre, radius = (
        float(certificate.enclosure.centre[row, time, unit]),
        float(certificate.enclosure.radius[row, time, unit]),
    )
    actual = float(certificate.actual[row, time, unit])
    ulp = abs(actual - centre) / float(np.spacing(np.abs(np.asarray(centre, case.config.dtype))))
    shown_time = case.time - 1 - time if certificate.direction else time
    return Place(
        certificate.layer, certificate.direction, row, shown_time, unit, actual, centre, radius, ulp
    )


def _state_complaint(index: int, actual: np.ndarray, expected: np.ndarray) -> str:
    """The final state must equal the output at the last valid step; (B, H) both."""
    wrong = ~((actual == expected) | (np.isnan(actual) & np.isnan(expected)))
    if not wrong.any():
        return ""
    row, unit = (int(i) for i in np.argwhere(wrong)[0])
    return (
        f"h_n[{index}, {row}, {unit}] is {float(actual[row, unit])!r}, "
        f"but the state after the last valid step is {float(expected[row, unit])!r}"
    )
