"""The result of a run: verdicts, what they add up to, and the table that a terminal shows."""

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from harness.judge.verdict import KINDS, Verdict
from harness.runs.ledger import differences, known

SHOWN = 3  # findings printed in full for each implementation


@dataclass(frozen=True)
class Summary:
    """One implementation's verdicts, added up."""

    name: str
    counts: Mapping[str, int]  # by verdict kind, and "known" for what meets a known difference
    outputs: int
    exact: int
    undecided: int
    worst_ratio: float
    refusals: Mapping[str, int]  # by reason
    findings: tuple[Verdict, ...]  # what differs or crashed and is not known, in the order of the cases
    known: Mapping[str, int]  # verdicts that meet a known difference, by its id

    @property
    def exit_status(self) -> int:
        """1 where something differs or crashed, 3 where it never agreed, else 0."""
        return 1 if self.findings else 3 if not self.counts.get("agrees") else 0


@dataclass(frozen=True, repr=False)
class Report:
    """Every verdict of a run, in the order of cases, then implementations."""

    verdicts: tuple[Verdict, ...]
    names: tuple[str, ...]
    cases: int
    seed: int
    limits: Mapping[str, Any]
    environment: Mapping[str, str]
    seconds: float

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """A Summary for each implementation, in the order asked for."""
        return tuple(_summary(name, [verdict for verdict in self.verdicts if verdict.implementation == name]) for name in self.names)

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
        """Raises the first finding as Mismatch, or Refused or Inconclusive where an implementation never agreed."""
        for summary in self.summaries:
            for verdict in summary.findings:
                verdict.raise_if_not_verified()
        for summary in self.summaries:
            if summary.exit_status:
                next(verdict for verdict in self.verdicts if verdict.implementation == summary.name).raise_if_not_verified()
        if self.exit_status:
            raise AssertionError("nothing was verified: there was no implementation, or no case")

    @property
    def sentence(self) -> str:
        """What the run shows, in plain words."""
        wrong = [summary for summary in self.summaries if summary.exit_status == 1]
        if wrong:
            parts = [f"{s.name} on {len(s.findings)} of {sum(s.counts.values())} cases" for s in wrong]
            return f"Not the same: {'; '.join(parts)} {'do' if len(wrong) > 1 else 'does'} not compute what the hand-written loop computes."
        silent = [summary.name for summary in self.summaries if summary.exit_status == 3]
        if silent or not self.summaries:
            return f"Cannot tell: {' and '.join(silent) or 'no implementation'} never agreed on a case, so nothing was shown."
        names = " and ".join(summary.name for summary in self.summaries)
        outputs, exact = sum(s.outputs for s in self.summaries), sum(s.exact for s in self.summaries)
        met = sum(sum(s.known.values()) for s in self.summaries)
        if met:
            return (
                f"{names} compute{'s' if len(self.summaries) == 1 else ''} what the hand-written loop computes, but for {met:,} "
                "verdicts that meet known differences of the frameworks, which are listed above."
            )
        return (
            f"{names} compute{'s' if len(self.summaries) == 1 else ''} what the hand-written loop computes: each of {outputs:,} outputs "
            f"lies inside its derived bound, and {exact:,} of them had no room at all and are equal."
        )

    def __rich__(self) -> RenderableType:
        parts: list[RenderableType] = [_table(self.summaries)]
        for summary in self.summaries:
            parts += [Text(str(verdict), overflow="fold") for verdict in summary.findings[:SHOWN]]
            if len(summary.findings) > SHOWN:
                parts.append(Text(f"... and {len(summary.findings) - SHOWN} more findings of {summary.name}"))
            parts += [Text(_known_line(summary.name, id, count)) for id, count in summary.known.items()]
            parts += [Text(f"{summary.name} refused {count}: {reason}") for reason, count in summary.refusals.items()]
        parts.append(Text(f"{self.cases} cases, seed {self.seed}{_options(self.limits)}, {self.seconds:.1f} s"))
        parts.append(Text("; ".join(f"{name} {value}" for name, value in self.environment.items())))
        parts.append(Text(self.sentence, style="bold"))
        return Group(*parts)

    def __str__(self) -> str:
        stream = io.StringIO()
        Console(file=stream, width=110, color_system=None).print(self)
        return stream.getvalue()

    def __repr__(self) -> str:
        return f"Report({self.sentence})"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def _summary(name: str, verdicts: list[Verdict]) -> Summary:
    entries = [known(verdict) for verdict in verdicts]
    fresh = [verdict for verdict, entry in zip(verdicts, entries, strict=True) if entry is None]
    return Summary(
        name,
        Counter("known" if entry else verdict.kind for verdict, entry in zip(verdicts, entries, strict=True)),
        sum(verdict.outputs for verdict in verdicts),
        sum(verdict.exact for verdict in verdicts),
        sum(verdict.undecided for verdict in verdicts),
        max((verdict.worst_ratio for verdict in fresh), default=0.0),
        Counter(verdict.reason for verdict in verdicts if verdict.kind == "refused"),
        tuple(verdict for verdict in fresh if verdict.kind in ("differs", "crashed")),
        Counter(entry.id for entry in entries if entry),
    )


def _known_line(name: str, id: str, count: int) -> str:
    entry = next(difference for difference in differences() if difference.id == id)
    return f"{name} met a known difference {count} times: {entry.observed} ({entry.upstream}; rnn-parity findings {id})"


def _table(summaries: tuple[Summary, ...]) -> Table:
    """A row for each implementation; columns of bad news stand there only where there is some, but for "differs"."""
    rows = [
        {
            **{kind: f"{summary.counts.get(kind, 0):,}" for kind in (*KINDS, "known")},
            "outputs": f"{summary.outputs:,}",
            "equal": f"{summary.exact:,}",
            "undecided": f"{summary.undecided:,}",
            "worst ratio": f"{summary.worst_ratio:.3f}",
        }
        for summary in summaries
    ]
    optional = {heading for heading in ("crashed", "inconclusive", "known", "undecided") if all(row[heading] == "0" for row in rows)}
    headings = [heading for heading in (rows[0] if rows else ()) if heading not in optional]
    table = Table(
        Column(
            "implementation", overflow="fold", min_width=min(max(len(summary.name) for summary in summaries), 28) if summaries else None
        ),
        *(Column(h, justify="right", no_wrap=True) for h in headings),
        box=box.SIMPLE,
    )
    for summary, row in zip(summaries, rows, strict=True):
        table.add_row(summary.name, *(row[heading] for heading in headings))
    return table


def _options(limits: Mapping[str, Any]) -> str:
    return "".join(f", {name}={value!r}" for name, value in limits.items())
