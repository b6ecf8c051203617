"""The right variants that a user's own check rejects, and how much of the bound they need."""

import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from harness.judge.calls.observe import first_line
from harness.judge.judge import judge
from harness.mistakes.mistake import Run
from harness.printable import how_many
from references.case import Case, Outputs
from references.numpy_rnn import run as loop
from references.unsupported import Unsupported

Check = Callable[[Callable[..., Any]], object]
FIELDS = ("h_n", "c_n", "layers")  # of Outputs, which may be left out
MOST_CALLS = 24  # of a check: where it makes more, no call is tried alone


@dataclass(frozen=True)
class Rejection:
    """A right variant that a check rejects."""

    variant: str
    calls: int  # that the check makes with the right loop
    rejected: int | None  # with the variant at this call alone; None where that was not tried
    stopped: int  # calls with the variant before the check raised
    ratio: float  # the greatest share of the derived bound that the variant uses there
    form: str = ""  # the check's sentence, where it is the outputs' form that it rejects

    @property
    def times(self) -> float:
        """How many times wider the derived bound is than the variant's greatest difference."""
        return 1 / self.ratio if self.ratio else float("inf")

    def __str__(self) -> str:
        calls = how_many(self.calls, "call")
        if self.form:
            return f"{self.variant} for the form of its outputs, not for their values: {self.form}"
        if self.rejected is None:
            where = f"at call {self.stopped} of {calls}, where it stops"
        elif self.rejected == 0:
            where = f"on {calls} together, and on none of them alone"
        else:
            where = f"on {self.rejected} of {calls}"
        return f"{self.variant} {where}: tighter than arithmetic allows{self._wider()}"

    def _wider(self) -> str:
        if not self.ratio:
            return ""
        times = f"{self.times:.0f}" if self.times >= 10 else f"{self.times:.1f}"
        return f"; the derived bound is {times} times wider than its difference"


@dataclass
class Trial:
    """One run of a check, and what the implementation did in it."""

    calls: int = 0
    error: BaseException | None = None  # what the check raised
    result: object = None  # what it returned; of a check in another process the type's name
    refuses: bool = False  # the implementation raised Unsupported
    rounds: bool = False  # a sequence was not bit-identical with the loop's
    absent: set[str] = field(default_factory=set)  # the fields of Outputs that it left out
    cases: list[Case] = field(default_factory=list)


def attempt(check: Check, run: Run, only: int | None = None) -> Trial:
    """Calls the check with `run`; with `only`, at the call of this number, else with the loop."""
    trial = Trial()

    def watched(case: Case) -> Outputs:
        trial.calls += 1
        if only not in (None, trial.calls):
            return loop(case)
        return _observe(trial, run, case)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trial.result = check(watched)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # pytest.fail and sys.exit raise no Exception
        trial.error = error
    if inspect.iscoroutine(trial.result):
        trial.result.close()  # else it warns that nobody awaited it
    return trial


def _observe(trial: Trial, run: Run, case: Case) -> Outputs:
    trial.cases.append(case)
    try:
        outputs = run(case)
    except Unsupported:
        trial.refuses = True
        raise
    right = loop(case)
    fields, expected = (_fields_of(one) for one in (outputs, right))
    trial.absent |= expected - fields
    trial.rounds |= not np.array_equal(outputs.sequence, right.sequence, equal_nan=True)
    return outputs


def rejection(check: Check, name: str, variant: Run, trial: Trial, calls: int) -> Rejection | None:
    """Says on how many calls the check rejects a variant, whose `trial` ended with an error.

    None where the variant is not proved right on the cases of the check: then nothing follows.
    """
    verdicts = [judge(case, variant, calls=1) for case in trial.cases]
    if any(verdict.kind != "agrees" for verdict in verdicts):
        return None
    ratios = [verdict.worst_ratio for verdict in verdicts]
    result = Rejection(name, calls, None, trial.calls, max(ratios, default=0.0))
    if trial.absent:
        same_form = attempt(check, partial(_without, trial.absent))
        if same_form.error:
            return replace(result, form=first_line(same_form.error, repr(same_form.error)))
    if calls > MOST_CALLS:
        return result
    alone = [attempt(check, variant, number) for number in range(1, calls + 1)]
    cases = [case for one in alone if one.error for case in one.cases]
    ratios = [judge(case, variant, calls=1).worst_ratio for case in cases] or ratios
    return replace(
        result, rejected=sum(one.error is not None for one in alone), ratio=max(ratios, default=0.0)
    )


def _without(absent: set[str], case: Case) -> Outputs:
    outputs = loop(case)
    h_n, c_n, layers = (None if name in absent else getattr(outputs, name) for name in FIELDS)
    return replace(outputs, h_n=h_n, c_n=c_n, layers=layers)


def _fields_of(outputs: Outputs) -> set[str]:
    return {name for name in FIELDS if getattr(outputs, name) is not None}
