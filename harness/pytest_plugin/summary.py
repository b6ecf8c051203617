"""Sums up the session: a section at its end, and the same lines in pytest-html's page."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import pytest

from harness.printable import how_many

if TYPE_CHECKING:
    from harness.runs.summary import Summary

NAME = "parity_implementation"
UNGROUPED = (
    "--dist loadgroup had no effect, so frameworks were loaded in several processes: pytest 9.2 "
    "ignores the groups of pytest-xdist 3.8 (github.com/pytest-dev/pytest-xdist/issues/1386); "
    "pytest 9.1 does not."
)


@dataclass
class Total:
    """Adds up one implementation's figures over all tests."""

    summary: "Summary"
    tests: int = 0
    sight: tuple[int, int] = (0, 0)  # at best: caught, of how many
    hidden: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        total = self.summary
        counts = ((total.counts[kind], words) for kind, words in WORDS.items())
        parts = [f"{count:,} {words[count != 1]}" for count, words in counts if count]
        line = f"{', '.join(parts)} ({how_many(self.tests, 'test')})"
        if total.outputs:
            line += f"; worst ratio {total.worst_ratio:.3g} over {total.outputs:,} outputs"
            line += f", {total.exact / total.outputs:.0%} of which had to be equal"
        if self.sight[1]:
            caught = "{} of {}".format(*self.sight)
            line += f"; the best-sighted test would have caught {caught} known mistakes"
        return line + (f"; known differences: {', '.join(total.known)}" if total.known else "")


# Of one case, and of several.
WORDS = {
    "agrees": ("case agrees", "cases agree"),
    "differs": ("differs", "differ"),
    "crashed": ("crashed", "crashed"),
    "inconclusive": ("inconclusive", "inconclusive"),
    "known": ("known to differ", "known to differ"),
    "refused": ("refused", "refused"),
}


class Totals:
    """Gathers the properties of reports, from any process, and prints their sums last."""

    def __init__(self) -> None:
        self.totals: dict[str, Total] = {}
        self.grouped = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Adds one test's figures: groups of properties, each of which begins with a name."""
        self.grouped |= "@" in report.nodeid  # how pytest-xdist marks a test of a group
        figures: dict[str, dict[str, Any]] = {}
        for name, value in report.user_properties if report.when == "call" else ():
            if name == NAME:
                figures[str(value)] = {}
            elif figures and name.startswith("parity_"):
                figures[list(figures)[-1]][name.removeprefix("parity_")] = value
        for name, own in figures.items():
            self._add(name, own, report)

    def _add(self, name: str, figures: Mapping[str, Any], report: pytest.TestReport) -> None:
        """Adds one test's figures on one implementation."""
        from harness.runs.summary import Summary

        total = self.totals.setdefault(name, Total(Summary(name)))
        total.tests += 1
        ids = str(figures.get("known_differences", ""))
        total.summary.merge(
            Summary(
                name,
                Counter({kind: figures[kind] for kind in WORDS if kind in figures}),
                figures.get("outputs", 0),
                figures.get("equal", 0),
                worst_ratio=float(figures.get("worst_ratio", 0)),
                known=Counter(filter(None, ids.split(", "))),
            )
        )
        caught, _, applicable = str(figures.get("sight", "0 of 0")).partition(" of ")
        total.sight = max(total.sight, (int(caught), int(applicable)))
        # The cases that agreed beside a failure are those that hide it.
        if "hidden" in figures and report.passed:
            total.hidden.append(f"  {report.nodeid} would have hidden: {figures['hidden']}")

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """Prints a line for each implementation, or nothing if no test checked one."""
        if not self.totals:
            return
        terminalreporter.section("rnn-parity")
        for line in self.lines():
            terminalreporter.write_line(line)
        if config.getoption("dist", "no") == "loadgroup" and not self.grouped:
            terminalreporter.write_line(UNGROUPED)

    def lines(self) -> list[str]:
        """Returns a line for each implementation and each test that misses plain mistakes."""
        own = ((f"{name}: {total}", *total.hidden) for name, total in self.totals.items())
        return [line for lines in own for line in lines]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(
        self, prefix: list[str], summary: list[str], postfix: list[str]
    ) -> None:
        """Puts the same lines at the head of pytest-html's page."""
        if self.totals:
            items = "".join(f"<li>{escape(line)}</li>" for line in self.lines())
            summary.append(f"<h3>rnn-parity</h3><ul>{items}</ul>")
