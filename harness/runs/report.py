"""The result of a run: verdicts, what they add up to, and the table that a terminal shows."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from harness.judge.verdict import KINDS, Verdict
from harness.mistakes.sight import Sight
from harness.runs.findings import Finding
from harness.runs.ledger import differences
from harness.runs.summary import Summary


@dataclass(frozen=True, repr=False)
class Report:
    """What a run shows. Everything is counted; `verdicts` holds those on the first 1000 cases, and later the first 100 failures of each."""

    kept: Callable[[], tuple[Verdict, ...]]  # makes `verdicts`
    summaries: tuple[Summary, ...]  # one for each implementation
    cases: int
    seed: int
    limits: Mapping[str, Any]
    environment: Mapping[str, str]
    findings: Mapping[str, Finding]  # by implementation, where something failed
    sights: Mapping[str, Sight]  # by implementation
    seconds: float
    interrupted: bool = False
    notes: tuple[str, ...] = ()  # what a reader must know besides

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """In the order of cases, then implementations; their cases are drawn again when this is first asked for."""
        return self.kept()

    @property
    def names(self) -> tuple[str, ...]:
        """The implementations."""
        return tuple(summary.name for summary in self.summaries)

    @property
    def exit_status(self) -> int:
        """0 agreement, 1 something differs or crashed, 3 cannot tell."""
        statuses = {summary.exit_status for summary in self.summaries}
        return 1 if 1 in statuses else 3 if 3 in statuses or not statuses else 0

    @property
    def agrees(self) -> bool:
        """Whether every implementation agreed on at least one case and nothing differed."""
        return self.exit_status == 0

    def raise_if_failed(self) -> None:
        """Raises Mismatch with the first finding, Refused or Inconclusive where one never agreed, AssertionError for blind cases."""
        for found in self.findings.values():
            found.first.raise_if_not_verified(str(found.diagnosis))
        for summary in self.summaries:
            if not summary.counts.get("agrees"):
                for verdict in self.verdicts:
                    if verdict.implementation == summary.name:
                        verdict.raise_if_not_verified()
        if self.exit_status:
            raise AssertionError(self.sentence)

    @property
    def sentence(self) -> str:
        """What the run shows, in plain words."""
        wrong = [summary for summary in self.summaries if summary.failure_count]
        if wrong:
            parts = [
                f"{s.name} on {s.failure_count} of {sum(s.counts.values())} cases" for s in wrong
            ]
            return f"Not the same: {'; '.join(parts)} {'do' if len(wrong) > 1 else 'does'} not compute what the hand-written loop computes."
        silent = [summary.name for summary in self.summaries if not summary.counts.get("agrees")]
        if silent or not self.summaries:
            return f"Cannot tell: {listed(silent) or 'no implementation'} never agreed on a case, so nothing was shown."
        blind = [summary.name for summary in self.summaries if summary.blind]
        if blind:
            return f"Cannot tell: the cases on which {listed(blind)} agreed would have hidden plain mistakes; try more examples."
        names = listed([summary.name for summary in self.summaries])
        met = sum(sum(summary.known.values()) for summary in self.summaries)
        if met:
            return (
                f"{names} compute{'s' if len(self.summaries) == 1 else ''} what the hand-written loop computes, but for {met:,} "
                "verdicts that meet known differences of the frameworks, which are listed above."
            )
        outputs, exact = (
            sum(s.outputs for s in self.summaries),
            sum(s.exact for s in self.summaries),
        )
        return (
            f"{names} compute{'s' if len(self.summaries) == 1 else ''} what the hand-written loop computes: each of {outputs:,} outputs "
            f"lies inside its derived bound, and {exact:,} of them had no room at all and are equal."
        )

    def print_to(self, console: Console) -> None:
        """The table, the findings, the refusals, what the cases could see, how to run it again, where it ran, the sentence."""
        console.print(table_of(self.summaries))
        lines = [str(found) for found in self.findings.values()]
        for summary in self.summaries:
            lines += [
                _known_line(summary.name, id, count) for id, count in sorted(summary.known.items())
            ]
            refusals = sorted(summary.refusals.items(), key=lambda item: (-item[1], item[0]))
            lines += [f"{summary.name} refused {count}: {reason}" for reason, count in refusals]
        lines += [f"{name}: {seen}" for name, seen in self.sights.items() if seen.applicable]
        lines += self.notes
        if self.interrupted:
            lines.append(
                f"interrupted: this is what was known after {sum(sum(s.counts.values()) for s in self.summaries):,} verdicts"
            )
        lines.append(
            f"{self.cases} cases, seed {self.seed}{_options(self.limits)}, {self.seconds:.1f} s"
        )
        lines.append("; ".join(f"{name} {value}" for name, value in self.environment.items()))
        for line in lines:
            console.print(Text(line), soft_wrap=True)  # what can be pasted is never broken
        console.print(Text(self.sentence, style="bold"), soft_wrap=True)

    def __str__(self) -> str:
        stream = io.StringIO()
        self.print_to(
            Console(file=stream, width=110, color_system=None, force_jupyter=False)
        )  # in a notebook rich prints past the file
        return stream.getvalue()

    def __repr__(self) -> str:
        return f"Report({self.sentence})"

    def _repr_html_(self) -> str:
        rest = f"<pre style='white-space: pre-wrap'>{escape(str(self))}</pre>"
        unfolded = "" if self.agrees else " open"
        return f"<b>{escape(self.sentence)}</b><details{unfolded}><summary>all of it</summary>{rest}</details>"


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _known_line(name: str, id: str, count: int) -> str:
    entry = next(difference for difference in differences() if difference.id == id)
    return f"{name} met a known difference {count} times: {entry.observed} ({entry.upstream}; rnn-parity findings {id})"


def table_of(summaries: tuple[Summary, ...]) -> Table:
    """A row for each implementation; columns of bad news stand there only where there is some, but for "differs"."""
    rows = [
        {
            **{kind: f"{summary.counts.get(kind, 0):,}" for kind in (*KINDS, "known")},
            "outputs": f"{summary.outputs:,}",
            "equal": f"{summary.exact:,}",
            "undecided": f"{summary.undecided:,}",
            "ratio": f"{summary.worst_ratio:.3f}",
        }
        for summary in summaries
    ]
    optional = {
        heading
        for heading in ("crashed", "inconclusive", "known", "undecided")
        if all(row[heading] == "0" for row in rows)
    }
    headings = [heading for heading in (rows[0] if rows else ()) if heading not in optional]
    table = Table(
        Column("implementation", overflow="fold", min_width=14),
        *(Column(h, justify="right", no_wrap=True) for h in headings),
        box=box.SIMPLE,
        padding=(0, 1, 0, 0),
    )
    for summary, row in zip(summaries, rows, strict=True):
        table.add_row(Text(summary.name), *(row[heading] for heading in headings))
    return table


def _options(limits: Mapping[str, Any]) -> str:
    return "".join(f", {name}={value!r}" for name, value in limits.items())
