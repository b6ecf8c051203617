"""`check`: the one assertion. A verdict that agrees, or an exception that names its cause."""

import warnings
from functools import partial

from harness.draw.snippet import snippet
from harness.judge.judge import judge
from harness.judge.observe import Implementation
from harness.judge.verdict import Verdict
from harness.mistakes.diagnosis import diagnose
from harness.mistakes.on_verdict import tell
from harness.mistakes.sight import BlindCase, blindness
from references.case import Case


def check(case: Case, implementation: Implementation, name: str | None = None) -> Verdict:
    """A Verdict that agrees. Runs the implementation twice, the second time with other weights: nothing may stay from call to call.

    Raises Mismatch (it differs, or crashed `from` its cause), Refused or Inconclusive, all of them AssertionErrors.
    Warns with BlindCase where a case that the caller built could not have shown a plain mistake.

    >>> from harness import check, sample_cases
    >>> from references import load
    >>> check(next(sample_cases(1)), load("numpy"))
    Verdict(references.numpy_rnn:run agrees: 960 outputs of float32 lie inside their bounds, 447 of them had to be equal and are)
    """
    __tracebackhide__ = True  # pytest then shows the caller's line
    verdict = judge(case, implementation, name)
    tell(verdict)
    if verdict.kind == "agrees" and not case.origin and (blind := blindness(case)):
        warnings.warn(blind, BlindCase, stacklevel=2)
    return verdict.raise_if_not_verified(partial(_explained, verdict.case, implementation))


def _explained(case: Case, implementation: Implementation) -> str:
    """The diagnosis, and the case as Python to paste."""
    return "\n".join(
        [
            str(diagnose(case, implementation)),
            "  paste",
            *(f"    {line}" for line in snippet(case).splitlines()),
        ]
    )
