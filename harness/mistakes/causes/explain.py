"""Explains a failure: of wrong outputs the known mistake, of a crash whether it comes again."""

import re
from collections.abc import Iterable

from harness.judge.calls.crash import BEFORE
from harness.judge.calls.observe import Implementation
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.mistakes.causes.diagnosis import Diagnosis, diagnose
from references.case import Case


def explain(
    verdict: Verdict, implementation: Implementation, witnesses: Iterable[Case] = ()
) -> Diagnosis:
    """Returns the diagnosis of a verdict that differs, or crashed; see `diagnose`."""
    if verdict.kind != "crashed":
        return diagnose(verdict.case, implementation, witnesses=witnesses)
    if verdict.reason.startswith(BEFORE):
        return Diagnosis((), "It was not called. Put that back first, a mock of np.tanh say.")
    again = judge(verdict.case, implementation, verdict.implementation)
    if again.kind == "crashed" and _cause(again) == _cause(verdict):
        if "read-only" in verdict.reason:
            return Diagnosis((), "It writes into an argument, which is read-only: copy that first.")
        return Diagnosis((), "Called again on this case, it crashes in the same way.")
    sentence = f"Called again on this case, it {again.kind}: {again.reason}"
    return Diagnosis((), f"It depends on earlier calls or on chance. {sentence}.")


def _cause(verdict: Verdict) -> object:
    """Says what a crash is: the error and its place, or else its reason, without numbers.

    A program's files have numbers, which are others in another run.
    """
    return verdict.crash[:3] if verdict.crash else re.sub(r"\d+", "#", verdict.reason)
