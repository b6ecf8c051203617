"""Tells kinds of failure apart, and chooses of each kind the failure that says most."""

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np

from harness.implementations.find import Unusable
from harness.judge.calls.observe import text_of
from harness.judge.verdict import Verdict
from references.case import Case

OUTPUTS = "outputs"  # what a failure is about where they differ
LONGEST = 200  # characters of a kind's name
# Processes that an implementation may end in one task, a run of `verify` or a shard; its later
# cases are left out.
DEATHS = 3
NO_MORE_CALLS = "what ends its process, or has to be ended, cannot be called again"
TINY = 2.0**-40  # the regime of tiny numbers has no greater input


class ProcessEnded(RuntimeError):
    """Stands for the exception where an implementation ended its process or ran out of bounds."""


def subject(verdict: Verdict) -> str:
    """Says what failed, without what changes from case to case."""
    if verdict.first:
        return OUTPUTS
    if place := verdict.crash:
        return f"raised {place.error} in {place.function}, line {place.line}"[:LONGEST]
    if not verdict.cause or isinstance(verdict.cause, ProcessEnded):
        reason = verdict.reason.partition(": ")[0]
        return re.sub(r"-?\d+(\.\d+)?(e[-+]?\d+)?( seconds?)?", "#", reason)[:LONGEST]
    return f"raised {type(verdict.cause).__name__}: {text_of(verdict.cause)}"[:LONGEST]


def kind_of(verdict: Verdict) -> tuple[str, str]:
    """Returns the kind of a failure: the verdict's kind and its subject."""
    return verdict.kind, subject(verdict)


def alike(one: Verdict, other: Verdict) -> bool:
    """Tells whether two failures are of one kind."""
    return kind_of(one) == kind_of(other)


def unusable(name: str, error: Unusable) -> Verdict:
    """Returns the verdict on what is there but cannot be used: it has no case."""
    case: Case = None  # type: ignore[assignment]
    return Verdict("crashed", name, case, error.sentence, crash=error.crash, phase="import")


def when_imported(how: str) -> str:
    """Says of what ended its process when that was."""
    return f"it {how} when it was imported"


def ended_process(name: str, case: Case, how: str) -> Verdict:
    """Returns the verdict on what ended its process, or had to be ended, on a case."""
    reason = f"it {how}"
    return Verdict("crashed", name, case, reason, cause=ProcessEnded(reason))


def by_kind(failures: Iterable[Verdict]) -> list[list[Verdict]]:
    """Returns the failures by their kinds, the most frequent kind first."""
    kinds: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in failures:
        kinds.setdefault(kind_of(verdict), []).append(verdict)
    return sorted(kinds.values(), key=len, reverse=True)


def clearest(failures: Sequence[Verdict]) -> Verdict:
    """Returns the failure to explain: the first of those that say most.

    Tiny numbers come last, exact cases come first, then the greatest output.
    """
    return max(failures, key=_clarity)


def largest(failures: Sequence[Verdict]) -> Case:
    """Returns the failing case of the most units, and of these the one of the most outputs.

    What failed at its import has no case, and counts for nothing beside what failed on one.
    """
    runs = [failure for failure in failures if failure.phase == "run"]
    return max(runs, key=lambda one: (one.case.config.hidden_size, one.outputs)).case


def _clarity(verdict: Verdict) -> tuple[bool, bool, float]:
    if verdict.phase == "import":
        return False, False, -1.0
    is_exact = 0 < verdict.outputs == verdict.exact
    size = abs(verdict.first.expected) if verdict.first else 0.0
    return not _is_tiny(verdict.case), is_exact, size if math.isfinite(size) else 0.0


def _is_tiny(case: Case) -> bool:
    greatest = float(np.abs(case.inputs).max())
    return 0 < greatest < TINY
