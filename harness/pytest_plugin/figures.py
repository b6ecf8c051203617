"""What one test's verdicts add up to, as properties that travel with its report: to JUnit, to the report log, from xdist's workers."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

FIGURES = pytest.StashKey["Figures"]()
KEPT = 64  # cases of one implementation on which its test's sight is found


@dataclass
class Tally:
    """The verdicts on one implementation; under Hypothesis over all examples, those of shrinking among them."""

    counts: Counter[str] = field(default_factory=Counter)  # by kind; "known" for what meets a known difference
    outputs: int = 0
    exact: int = 0
    worst_ratio: float = 0.0
    known: Counter[str] = field(default_factory=Counter)  # by the known difference's id
    agreed: list[Any] = field(default_factory=list)  # the first cases that did

    def add(self, verdict: Any) -> None:
        """One more verdict."""
        from harness.runs.ledger import known

        entry = known(verdict)
        self.counts["known" if entry else verdict.kind] += 1
        self.outputs += int(verdict.outputs)
        self.exact += int(verdict.exact)
        if entry:
            self.known[entry.id] += 1
        elif not verdict.worst_ratio <= self.worst_ratio:  # so that NaN is the worst
            self.worst_ratio = verdict.worst_ratio
        if verdict.kind == "agrees" and len(self.agreed) < KEPT:
            self.agreed.append(verdict.case)


class Figures:
    """The tallies of one test, by implementation."""

    def __init__(self, sight: bool) -> None:
        self.sight = sight
        self.tallies: dict[str, Tally] = {}

    def add(self, verdict: Any) -> None:
        """What `check` tells: counts it, and lets Hypothesis, where it runs, look for larger ratios."""
        self.tallies.setdefault(verdict.implementation, Tally()).add(verdict)
        _aim(verdict)

    def properties(self) -> Iterator[tuple[str, Any]]:
        """Name and value; those of one implementation begin with `parity_implementation`. All of it text or finite numbers."""
        for name, tally in self.tallies.items():
            yield "parity_implementation", _text(name)
            yield "parity_cases", sum(tally.counts.values())
            for kind, count in sorted(tally.counts.items()):
                yield f"parity_{kind}", count
            yield "parity_outputs", tally.outputs
            yield "parity_equal", tally.exact
            yield "parity_exact_share", round(tally.exact / tally.outputs, 4) if tally.outputs else 0.0
            yield "parity_worst_ratio", _number(tally.worst_ratio)
            if tally.known:
                yield "parity_known_differences", ", ".join(tally.known)
            if self.sight and tally.agreed:
                yield from _sight(tally.agreed)

    def only_known(self) -> str:
        """What a test met that met nothing but known differences; else nothing."""
        met: Counter[str] = sum((tally.known for tally in self.tallies.values()), Counter())
        agreed = any(tally.counts["agrees"] for tally in self.tallies.values())
        return "" if agreed or not met else f"known difference: {', '.join(met)}"


def _sight(cases: list[Any]) -> Iterator[tuple[str, Any]]:
    from harness.mistakes.sight import PLAIN, sight

    seen = sight(cases)
    yield "parity_sight", f"{len(seen.seen)} of {seen.applicable}"
    hidden = [name for name in PLAIN if name in seen.unseen]
    if hidden:
        yield "parity_hidden", ", ".join(hidden)


def _aim(verdict: Any) -> None:
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
