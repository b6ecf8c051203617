"""Adds up one test's verdicts, as properties of its report.

They travel with it to JUnit and to the report log, and from the workers of pytest-xdist.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.judge.verdict import Verdict
    from harness.runs.summary import Summary
    from references.case import Case

FIGURES = pytest.StashKey["Figures"]()
MOST = 64  # cases of one implementation from which its test's sight is computed


@dataclass
class Tally:
    """Counts the verdicts on one implementation, under Hypothesis those of shrinking too."""

    summary: "Summary"
    agreed: list["Case"] = field(default_factory=list)  # the first cases that did

    def add(self, verdict: "Verdict") -> None:
        """Counts the verdict, and collects its case if it agrees."""
        self.summary.add(verdict)
        if verdict.kind == "agrees" and len(self.agreed) < MOST:
            self.agreed.append(verdict.case)


class Figures:
    """Holds the tallies of one test, by implementation."""

    def __init__(self, sight: bool) -> None:
        self.sight = sight
        self.tallies: dict[str, Tally] = {}

    def add(self, verdict: "Verdict") -> None:
        """Counts a verdict of `check`, and lets Hypothesis, if it runs, look for larger ratios."""
        from harness.runs.summary import Summary

        if verdict.implementation not in self.tallies:
            self.tallies[verdict.implementation] = Tally(Summary(verdict.implementation))
        self.tallies[verdict.implementation].add(verdict)
        _aim(verdict)

    def withdraw(self) -> None:
        """Counts every verdict of the test as a crash: the judge was disturbed."""
        from harness.runs.summary import Summary

        for name, tally in self.tallies.items():
            total = tally.summary.counts.total()
            self.tallies[name] = Tally(Summary(name, Counter(crashed=total)))

    def properties(self) -> Iterator[tuple[str, Any]]:
        """Yields names and values, which are text or finite numbers.

        Those of one implementation begin with `parity_implementation`.
        """
        if not self.tallies:
            return
        from harness.printable import one_line
        from harness.report.as_json import number

        for name, tally in self.tallies.items():
            total = tally.summary
            yield "parity_implementation", one_line(name)
            yield "parity_cases", total.counts.total()
            for kind, count in sorted(total.counts.items()):
                yield f"parity_{kind}", count
            yield "parity_outputs", total.outputs
            yield "parity_equal", total.exact
            share = round(total.exact / total.outputs, 4) if total.outputs else 0.0
            yield "parity_exact_share", share
            yield "parity_worst_ratio", number(total.worst_ratio)
            if total.known:
                yield "parity_known_differences", ", ".join(total.known)
            if self.sight and tally.agreed:
                yield from _sight(tally.agreed, hides=not total.failure_count)

    def xfail_reason(self) -> str:
        """Names the known differences of a test in which nothing agreed; else nothing."""
        summaries = [tally.summary for tally in self.tallies.values()]
        ids: Counter[str] = sum((summary.known for summary in summaries), Counter())
        agrees = any(summary.counts["agrees"] for summary in summaries)
        return "" if agrees or not ids else f"known difference: {', '.join(ids)}"


def _sight(cases: list["Case"], hides: bool) -> Iterator[tuple[str, Any]]:
    """Yields what these cases could show, and which plain mistakes the test hides, if it may."""
    from harness.mistakes.sight import PLAIN, sight

    result = sight(cases)
    yield "parity_sight", f"{len(result.caught)} of {result.applicable}"
    hidden = [name for name in PLAIN if name in result.missed]
    if hidden and hides:
        yield "parity_hidden", ", ".join(hidden)


def _aim(verdict: "Verdict") -> None:
    """Calls `hypothesis.target` in a property test.

    It refuses a second verdict of one example, which has the same label; that one is left out.
    """
    hypothesis = sys.modules.get("hypothesis")
    ratio = verdict.worst_ratio
    if hypothesis and ratio - ratio == 0 and hypothesis.currently_in_test_context():
        try:
            hypothesis.target(ratio, label=f"worst ratio of {verdict.implementation}")
        except hypothesis.errors.InvalidArgument:
            return
