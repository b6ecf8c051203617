"""What one test's verdicts add up to, as properties that travel with its report: to JUnit, to the report log, from xdist's workers."""

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
KEPT = 64  # cases of one implementation on which its test's sight is found


@dataclass
class Tally:
    """The verdicts on one implementation; under Hypothesis over all examples, those of shrinking among them."""

    summary: "Summary"
    agreed: list["Case"] = field(default_factory=list)  # the first cases that did

    def add(self, verdict: "Verdict") -> None:
        """One more verdict."""
        self.summary.add(verdict)
        if verdict.kind == "agrees" and len(self.agreed) < KEPT:
            self.agreed.append(verdict.case)


class Figures:
    """The tallies of one test, by implementation."""

    def __init__(self, sight: bool) -> None:
        self.sight = sight
        self.tallies: dict[str, Tally] = {}

    def add(self, verdict: "Verdict") -> None:
        """What `check` tells: counts it, and lets Hypothesis, where it runs, look for larger ratios."""
        from harness.runs.summary import Summary

        if verdict.implementation not in self.tallies:
            self.tallies[verdict.implementation] = Tally(Summary(verdict.implementation))
        self.tallies[verdict.implementation].add(verdict)
        _aim(verdict)

    def properties(self) -> Iterator[tuple[str, Any]]:
        """Name and value; those of one implementation begin with `parity_implementation`. All of it text or finite numbers."""
        for name, tally in self.tallies.items():
            total = tally.summary
            yield "parity_implementation", _text(name)
            yield "parity_cases", total.counts.total()
            for kind, count in sorted(total.counts.items()):
                yield f"parity_{kind}", count
            yield "parity_outputs", total.outputs
            yield "parity_equal", total.exact
            yield (
                "parity_exact_share",
                round(total.exact / total.outputs, 4) if total.outputs else 0.0,
            )
            yield "parity_worst_ratio", _number(total.worst_ratio)
            if total.known:
                yield "parity_known_differences", ", ".join(total.known)
            if self.sight and tally.agreed:
                yield from _sight(tally.agreed)

    def only_known(self) -> str:
        """What a test met that met nothing but known differences; else nothing."""
        met: Counter[str] = sum((tally.summary.known for tally in self.tallies.values()), Counter())
        agreed = any(tally.summary.counts["agrees"] for tally in self.tallies.values())
        return "" if agreed or not met else f"known difference: {', '.join(met)}"


def _sight(cases: list["Case"]) -> Iterator[tuple[str, Any]]:
    from harness.mistakes.sight import PLAIN, sight

    seen = sight(cases)
    yield "parity_sight", f"{len(seen.caught)} of {seen.applicable}"
    hidden = [name for name in PLAIN if name in seen.missed]
    if hidden:
        yield "parity_hidden", ", ".join(hidden)


def _aim(verdict: "Verdict") -> None:
    """`hypothesis.target`, inside a property test. A second verdict in one example cannot have the same label, and is passed over."""
    hypothesis = sys.modules.get("hypothesis")
    ratio = verdict.worst_ratio
    if hypothesis and ratio - ratio == 0 and hypothesis.currently_in_test_context():
        try:
            hypothesis.target(ratio, label=f"worst ratio of {verdict.implementation}")
        except hypothesis.errors.InvalidArgument:
            return


def _number(value: float) -> float | str:
    from harness.report.as_json import number

    return number(value)


def _text(value: str) -> str:
    from harness.report.foreign import one_line

    return one_line(value)
