"""What the whole session shows of recurrent layers: a section at its end, and a line in the report of pytest-html."""

from collections import Counter
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pytest

NAME = "parity_implementation"
UNGROUPED = (
    "--dist loadgroup had no effect, so frameworks were loaded in several processes: pytest 9.2 ignores the groups of pytest-xdist 3.8 "
    "(github.com/pytest-dev/pytest-xdist/issues/1386); pytest 9.1 does not."
)


@dataclass
class Total:
    """One implementation's figures over all tests."""

    tests: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    outputs: int = 0
    equal: int = 0
    ratio: float = 0.0
    known: dict[str, None] = field(default_factory=dict)
    sight: tuple[int, int] = (0, 0)  # at best: caught, of how many
    hidden: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = ("agrees", "differs", "crashed", "inconclusive", "known", "refused")
        parts = [f"{self.counts[kind]:,} {WORDS[kind]}" for kind in kinds if self.counts[kind]]
        line = f"{', '.join(parts)} ({_plural(self.tests, 'test')})"
        if self.outputs:
            line += f"; worst ratio {self.ratio:.3g} over {self.outputs:,} outputs, {self.equal / self.outputs:.0%} of which had to be equal"
        if self.sight[1]:
            line += f"; the best-sighted test would have caught {self.sight[0]} of {self.sight[1]} known mistakes"
        return line + (f"; known differences: {', '.join(self.known)}" if self.known else "")


WORDS = {
    "agrees": "cases agree",
    "differs": "differ",
    "crashed": "crashed",
    "inconclusive": "inconclusive",
    "known": "known to differ",
    "refused": "refused",
}


class Totals:
    """Gathers the properties of reports, wherever they were made, and prints them last."""

    def __init__(self) -> None:
        self.totals: dict[str, Total] = {}
        self.grouped = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes in one test's figures: groups of properties, each of which begins with a name."""
        total = None
        self.grouped |= "@" in report.nodeid  # how pytest-xdist marks a test of a group
        for name, value in report.user_properties if report.when == "call" else ():
            if name == NAME:
                total = self.totals.setdefault(str(value), Total())
                total.tests += 1
            elif total and name.startswith("parity_"):
                _take(total, name.removeprefix("parity_"), value, report)

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """A line for each implementation; nothing where no test checked one."""
        if not self.totals:
            return
        terminalreporter.section("rnn-parity")
        for line in self.lines():
            terminalreporter.write_line(line)
        if config.getoption("dist", "no") == "loadgroup" and not self.grouped:
            terminalreporter.write_line(UNGROUPED)

    def lines(self) -> list[str]:
        """A line for each implementation, and one for each test that could not have shown a plain mistake."""
        return [
            line
            for name, total in self.totals.items()
            for line in (f"{name}: {total}", *total.hidden)
        ]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(
        self, prefix: list[str], summary: list[str], postfix: list[str]
    ) -> None:
        """The same lines at the head of pytest-html's page."""
        if self.totals:
            summary.append(
                f"<h3>rnn-parity</h3><ul>{''.join(f'<li>{escape(line)}</li>' for line in self.lines())}</ul>"
            )


def _take(total: Total, name: str, value: Any, report: pytest.TestReport) -> None:
    if name in WORDS:
        total.counts[name] += value
    elif name == "outputs":
        total.outputs += value
    elif name == "equal":
        total.equal += value
    elif name == "worst_ratio":
        total.ratio = (
            total.ratio if float(value) <= total.ratio else float(value)
        )  # so that NaN is the worst
    elif name == "known_differences":
        total.known |= dict.fromkeys(str(value).split(", "))
    elif name == "sight":
        caught, _, applicable = str(value).partition(" of ")
        total.sight = max(total.sight, (int(caught), int(applicable)))
    elif (
        name == "hidden" and report.passed
    ):  # the cases that agreed beside a failure are those that hide it
        total.hidden.append(f"  {report.nodeid} would have hidden: {value}")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
