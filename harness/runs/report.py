"""Holds the result of a run: verdicts, their sums, findings, and what else its reader needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

from rich.console import Console

from harness.implementations.answers import Use
from harness.judge.verdict import Verdict
from harness.mistakes.sight import Sight
from harness.runs.deviations import Deviation
from harness.runs.findings import Finding
from harness.runs.scope import Scope
from harness.runs.sentence import sentence
from harness.runs.summary import Summary
from harness.runs.tables import as_text
from harness.runs.terminal import print_report


@dataclass(frozen=True, repr=False)
class Report:
    """Holds the sums of all verdicts of a run, its findings, and some of the verdicts."""

    make_verdicts: Callable[[], tuple[Verdict, ...]]
    summaries: tuple[Summary, ...]  # one for each implementation
    cases: int | None  # None in a campaign that draws as many as there is time for
    seed: int
    limits: Mapping[str, Any]
    environment: Mapping[str, str]
    seconds: float
    # By implementation that failed: a finding for each kind of failure, the most frequent first.
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    sights: Mapping[str, Sight] = field(default_factory=dict)  # by implementation that did not
    scopes: Mapping[str, Scope] = field(default_factory=dict)  # by implementation
    interrupted: bool = False
    # Imports of the answer by implementation; None where nobody watched.
    uses: Mapping[str, tuple[Use, ...]] | None = None
    notes: tuple[str, ...] = ()  # sentences that are printed with the report
    large: int = 0  # cases beside those of `cases`: see `harness.draw.large`
    # By implementation that was given up, as it died or hung: on how many cases it was not tried.
    untried: Mapping[str, int] = field(default_factory=dict)
    shares: Mapping[str, int] = field(default_factory=dict)  # cases of rows of one cell, by cell
    deviations: tuple[Deviation, ...] = ()  # known ones of the user's, counted

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Returns the verdicts on the first 1000 cases, 100 later failures of each implementation.

        They are in the order of cases, then of implementations; large cases come last, and after
        them those of rows of one cell. The first access draws their cases again.
        """
        return self.make_verdicts()

    @property
    def names(self) -> tuple[str, ...]:
        """Returns the names of the implementations."""
        return tuple(summary.name for summary in self.summaries)

    @property
    def exit_status(self) -> int:
        """Is 0 for agreement, 1 where something differs or crashes, 3 where it cannot tell."""
        statuses = {summary.exit_status for summary in self.summaries} or {3}
        statuses |= {3} if self.interrupted else set()
        statuses |= {1} if self.stale else set()
        return next(status for status in (1, 3, 0) if status in statuses)

    @property
    def agrees(self) -> bool:
        """Tells whether `exit_status` is 0."""
        return self.exit_status == 0

    def __bool__(self) -> bool:
        """Is `agrees`, so that `assert verify(run)` fails where it does not."""
        return self.agrees

    def raise_if_failed(self) -> None:
        """Raises Mismatch with the first finding, if there is one.

        Else raises Refused or Inconclusive for an implementation that never agreed, and
        AssertionError with the sentence for all else that is no agreement.
        """
        for finding, *_ in self.findings.values():
            finding.small.raise_if_not_verified(str(finding.diagnosis))
        silent = {summary.name for summary in self.summaries if not summary.counts["agrees"]}
        for verdict in self.verdicts if silent else ():
            if verdict.implementation in silent:
                verdict.raise_if_not_verified()
        if self.exit_status:
            raise AssertionError(self.sentence)

    @property
    def stale(self) -> list[Deviation]:
        """Returns the known deviations that no longer hold; none where the run was interrupted."""
        return [] if self.interrupted else [one for one in self.deviations if one.fails]

    def is_unusable(self, name: str) -> bool:
        """Tells whether this implementation could not be called on any case."""
        return any(finding.small.phase == "import" for finding in self.findings.get(name, ()))

    @property
    def own_ids(self) -> set[str]:
        """Returns the ids of the user's own known deviations; others are the frameworks'."""
        return {one.entry.id for one in self.deviations}

    @property
    def sentence(self) -> str:
        """Says the result in one sentence, and which known deviations no longer hold."""
        return sentence(self)

    def print_to(self, console: Console, verbose: bool = False) -> None:
        """Prints the table, findings, refusals and sights, and how to repeat the run."""
        print_report(self, console, verbose)

    def __str__(self) -> str:
        return self.text()

    def text(self, verbose: bool = False) -> str:
        """Returns what `print_to` prints."""
        return as_text(self.print_to, verbose)

    def __repr__(self) -> str:
        return f"Report({self.sentence})"

    def _repr_html_(self) -> str:
        rest = f"<pre style='white-space: pre-wrap'>{escape(self.text(verbose=True))}</pre>"
        state = "" if self.agrees else " open"
        details = f"<details{state}><summary>all of it</summary>{rest}</details>"
        return f"<b>{escape(self.sentence)}</b>{details}"
