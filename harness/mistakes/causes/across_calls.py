"""Finds what shows only from call to call: what stays from an earlier one, and what varies."""

from dataclasses import replace

import numpy as np

from harness.judge.calls.observe import Implementation, observe
from harness.judge.calls.second_calls import from_zeros, other_weights
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.causes.author import is_notebook
from harness.mistakes.causes.comparison import same
from harness.mistakes.causes.unread_weights import is_right
from harness.mistakes.mistake import Mistake
from references.case import Case, Outputs

OFTEN = 20  # calls on one case, to see whether outputs vary


def mistake_across_calls(probe: Case, implementation: Implementation) -> Mistake | None:
    """The mistake that shows only in a second call: something stays from the first, or varies."""
    probe = of_one_call(probe, implementation)
    others = other_weights(probe)
    zeros = from_zeros(others)
    calls = [observe(item, implementation) for item in (probe, probe, others, zeros)]
    first, second, third, fourth = (call.outputs for call in calls)
    if first is None or second is None or third is None or not np.isfinite(first.sequence).all():
        return None
    if not same(first, second):
        carried = _goes_on(probe, first, second)
        name = "state carried across calls" if carried else "different on every call"
        return BY_NAME[name]
    if not is_right(probe, first):
        return None
    if fourth is not None and _goes_on(zeros, third, fourth):
        return BY_NAME["zero state not reset"]
    return BY_NAME["one buffer for all calls"] if calls[0].overwritten() else None


def varies(case: Case, outputs: Outputs, implementation: Implementation) -> bool:
    """One of many calls on the case gives other outputs than these, or none."""
    again = (observe(case, implementation).outputs for _ in range(OFTEN))
    return any(other is None or not same(other, outputs) for other in again)


def of_one_call(case: Case, implementation: Implementation) -> Case:
    """The first row for a notebook's function, which is called row by row, and goes on there."""
    return case.first_row() if is_notebook(implementation) else case


def _goes_on(case: Case, before: Outputs, outputs: Outputs) -> bool:
    """The outputs are right for a start where the call before them ended, and else wrong."""
    h_0 = before.h_n if before.h_n is not None else _last_state(case, before)
    c_0 = None if case.c_0 is None else before.c_n
    if h_0 is None or not np.isfinite(h_0).all():
        return False
    if case.c_0 is not None and (c_0 is None or not np.isfinite(c_0).all()):
        return False
    return not is_right(case, outputs) and is_right(replace(case, h_0=h_0, c_0=c_0), outputs)


def _last_state(case: Case, outputs: Outputs) -> np.ndarray | None:
    """Where one layer in one direction ends, as far as its outputs show it."""
    is_alone = len(case.weights) == 1 and case.mask is None
    return outputs.sequence[np.newaxis, :, -1] if is_alone else None
