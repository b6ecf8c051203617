"""Holds the result of a run: verdicts, their sums, and the table that a terminal shows."""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from html import escape
from operator import and_
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from harness.implementations.answers import Use
from harness.implementations.rows import cell_of, plain_name
from harness.judge.printable import one_line, printable
from harness.judge.verdict import KINDS, Verdict
from harness.mistakes.sight import Sight
from harness.runs.deviations import Deviation, entry_of
from harness.runs.findings import Finding
from harness.runs.reach import large_text, range_text
from harness.runs.scope import Scope
from harness.runs.summary import Summary
from harness.runs.values import in_words

SCOPES = 3  # sentences on what was never judged
# These columns are left out where every cell is zero.
OPTIONAL = ("crashed", "inconclusive", "known", "wider", "undecided")
# Numbers by heading, and their names in a report's document.
NUMBERS = {"wider": "wider", "outputs": "outputs", "equal": "exact", "undecided": "undecided"}
MOST_LINES = 12  # below the table, on one implementation that failed
CLOSING_LINES = 2  # of these: how to repeat the run, and the sentence


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
        """Tells whether every implementation agreed on some case and nothing differed."""
        return self.exit_status == 0

    def raise_if_failed(self) -> None:
        """Raises Mismatch with the first finding, if there is one.

        Else raises Refused or Inconclusive for an implementation that never agreed, and
        AssertionError where the cases would have missed plain mistakes.
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

    @property
    def sentence(self) -> str:
        """Says the result in one sentence, and which known deviations no longer hold."""
        if not self.stale:
            return self._result
        ids = [one_line(one.entry.id) for one in self.stale]
        what = f"Out of date: {in_words(ids)} in the file of known deviations."
        return f"{what} {self._result}"

    @property
    def _result(self) -> str:
        wrong = [summary for summary in self.summaries if summary.failure_count]
        if unusable := [s.name for s in wrong if self._is_unusable(s.name)]:
            rest = [summary for summary in wrong if summary.name not in unusable]
            first = f"{self._difference(rest)} " if rest else ""
            return f"{first}{in_words(unusable)} cannot be used, which counts as a crash."
        if wrong:
            return self._difference(wrong)
        if dependent := [summary.name for summary in self.summaries if summary.takes_answer]:
            uses = self.uses or {}
            parts = [f"{name} imports {in_words([*map(str, uses[name])])}" for name in dependent]
            return f"Not independent: {'; '.join(parts)}."
        silent = [summary.name for summary in self.summaries if not summary.counts["agrees"]]
        if silent or not self.summaries:
            names = in_words(silent) or "no implementation"
            return f"Cannot tell: {names} never agreed on a case, so nothing was shown."
        if gaps := [scope.gap for scope in self.scopes.values() if scope.gap]:
            return f"Cannot tell: {' '.join(gaps)}"
        blind = [summary.name for summary in self.summaries if summary.blind]
        if blind:
            return (
                f"Cannot tell: the cases on which {in_words(blind)} agreed would have hidden "
                "plain mistakes; try more examples."
            )
        if self.interrupted:
            return f"Cannot tell: the run was interrupted. So far, {self._agreement()}"
        return self._agreement()

    def _is_unusable(self, name: str) -> bool:
        return any(finding.small.phase == "import" for finding in self.findings.get(name, ()))

    def _difference(self, wrong: Sequence[Summary]) -> str:
        parts = [f"{s.name} on {s.failure_count} of {s.counts.total()} cases" for s in wrong]
        verb = "do" if len(wrong) > 1 else "does"
        return (
            f"Not the same: {'; '.join(parts)} {verb} not compute "
            f"what the hand-written loop computes.{self._untried()}"
        )

    def _untried(self) -> str:
        return "".join(
            f" {name} was given up: {count:,} case{'s were' if count > 1 else ' was'} never tried."
            for name, count in self.untried.items()
        )

    def _main(self) -> list[Summary]:
        """Returns the implementations that are judged on the run's own cases, or all."""
        return [one for one in self.summaries if not cell_of(one.name)] or list(self.summaries)

    def _whole(self) -> list[Summary]:
        """Returns those of them that were judged on all cases, not on a share of them."""
        whole = [summary for summary in self._main() if summary.name in self.scopes]
        return whole or self._main()

    def _range(self) -> str:
        """Says for which cells and sizes it holds; for less where only a share was judged."""
        whole = self._whole()
        reach: Counter[str] = reduce(and_, (summary.reach for summary in whole))
        parts = []
        for summary in self._main():
            own = {name: size for name, size in summary.reach.items() if size < reach[name]}
            if own and summary not in whole:
                parts.append(f"{summary.name} for {range_text(own, self.limits)}")
        text = range_text(reach, self.limits) + (f" ({'; '.join(parts)})" if parts else "")
        cells = in_words(reduce(and_, (summary.cells for summary in whole)))
        return ", ".join(filter(None, [cells if cells != "rnn" or self.shares else "", text]))

    def _shares(self) -> str:
        """Says for which cells and sizes the rows of one cell hold, as they stand beside others."""
        rows = [summary for summary in self.summaries if summary not in self._main()]
        cells: dict[str, list[Summary]] = {}
        for summary in rows:
            cells.setdefault(cell_of(summary.name), []).append(summary)
        alike: dict[tuple[str, str], list[str]] = {}
        for cell, own in cells.items():
            reach = range_text(reduce(and_, (summary.reach for summary in own)), self.limits)
            names = [plain_name(summary.name) for summary in own]
            who = f"{in_words(names)} {'does' if len(names) == 1 else 'do'}"
            alike.setdefault((who, reach), []).append(cell)
        clauses = ((who, in_words(own), reach) for (who, reach), own in alike.items())
        return "".join(f"; {who} so for {cells}, {reach}" for who, cells, reach in clauses)

    def _large(self) -> Iterator[str]:
        """Says how far large cases reached."""
        whole = self._whole()
        if text := large_text(reduce(and_, (summary.large for summary in whole))):
            names = in_words(summary.name for summary in whole)
            whose = f" of {names}" if len(whole) < len(self.summaries) else ""
            yield f"Large cases{whose}, with one large size each, reached {text}"

    def _agreement(self) -> str:
        names = [summary.name for summary in self._main()]
        verb = "computes" if len(names) == 1 else "compute"
        same = f"{in_words(names)} {verb} what the hand-written loop computes"
        if sizes := self._range():
            same += f", for {sizes}"
        same += self._shares()
        limits = "".join(f" {text}." for text in (*self._large(), *self._limits()))
        exceptions = sum(summary.known.total() for summary in self.summaries)
        if exceptions:
            return (
                f"{same}, but for {exceptions:,} verdicts that meet known {self._whose}, "
                f"which the report lists.{limits}"
            )
        outputs = sum(summary.outputs for summary in self.summaries)
        exact = sum(summary.exact for summary in self.summaries)
        choices = self.limits.get("dtype", ())
        dtypes = {choices} if isinstance(choices, str) else set(choices)
        plain = len(dtypes) == 1 and not any(summary.wider for summary in self.summaries)
        where = f", in {dtypes.pop()}" if plain else ""
        return (
            f"{same}.{limits} Each of {outputs:,} outputs lies inside its derived bound, "
            f"and {exact:,} of them had to be equal, and are{where}."
        )

    @property
    def _whose(self) -> str:
        """Says whose known differences were met."""
        own = {one.entry.id for one in self.deviations}
        ids = set().union(*(summary.known for summary in self.summaries))
        parts = ["differences of the frameworks"] if ids - own else []
        return in_words(parts + (["deviations of your own"] if ids & own else []))

    def _limits(self) -> Iterator[str]:
        """Says what was never judged, once for all implementations of which it is the same."""
        names: dict[str, list[str]] = {}
        for name, text in self._omissions():
            names.setdefault(text, []).append(name)
        for text, own in list(names.items())[:SCOPES]:
            yield f"Not judged{f' of {in_words(own)}' if len(self.names) > 1 else ''}: {text}"
        if len(names) > SCOPES:
            yield "The JSON report lists the same for the others"

    def _omissions(self) -> Iterator[tuple[str, str]]:
        """Yields a name and what was never judged of it; a campaign only counts refusals."""
        for name, scope in self.scopes.items():
            if str(scope):
                yield name, str(scope)
        for summary in () if self.scopes else self.summaries:
            if count := summary.counts["refused"]:
                yield (
                    summary.name,
                    f"{count:,} cases, which were refused"
                    if count > 1
                    else "1 case, which was refused",
                )

    def print_to(self, console: Console, verbose: bool = False) -> None:
        """Prints the table, findings, refusals and sights, and how to repeat the run.

        Of an implementation that failed it prints at most MOST_LINES, unless it is `verbose`.
        """
        columns = columns_of([{"name": s.name, **s.to_json()} for s in self.summaries])
        console.print(terminal_table(columns))
        for line in self.lines(verbose):
            # Soft wrapping breaks no line, so that commands can be pasted.
            console.print(Text(printable(line)), soft_wrap=True)
        sentence = printable(self.sentence, keep="")
        console.print(Text(sentence, style="bold"), soft_wrap=True)

    def _findings(self, verbose: bool) -> Iterator[str]:
        for findings in self.findings.values():
            if verbose:
                yield from map(str, findings)
                continue
            main, *others = findings
            lines = main.lines()
            room = MOST_LINES - CLOSING_LINES - len(self.notes) - len(lines)
            yield from lines
            if len(others) > max(room, 1):
                rest = len(others) - max(room, 1) + 1
                others[-rest:] = []
                yield from (other.line for other in others)
                yield f"{main.small.implementation} failed in {rest} more ways: see -v"
            else:
                yield from (other.line for other in others)

    def lines(self, verbose: bool) -> Iterator[str]:
        """Yields what stands below the table: findings, refusals, sights, how to repeat it."""
        short = bool(self.findings) and not verbose
        findings = [*self._findings(verbose)]
        yield from findings
        for summary in self.summaries:
            if summary.name in self.findings and not verbose:
                continue
            for id, count in sorted(summary.known.items()):
                yield from self._of_framework(summary.name, id, count)
            for reason, count in sorted(
                summary.refusals.items(), key=lambda pair: (-pair[1], pair)
            ):
                yield f"{summary.name} refused {count}: {reason}"
        yield from (one.sentence for one in self.deviations)
        for name, sight in self.sights.items():
            if sight.applicable:
                yield f"{name}: {sight}"
        room = MOST_LINES - CLOSING_LINES - self.interrupted
        only_failures = short and len(self.findings) == len(self.summaries)
        yield from self.notes[: max(0, room - len(findings)) if only_failures else None]
        if self.interrupted:
            count = sum(summary.counts.total() for summary in self.summaries)
            yield f"interrupted: this is what was known after {count:,} verdicts"
        options = "".join(f", {name}={value!r}" for name, value in self.limits.items())
        more = "; -v prints all of it" if short else ""
        cases = f"{self.cases} case{'s' * (self.cases != 1)}{self._and_large()}"
        yield f"{cases}, seed {self.seed}{options}, {self.seconds:.1f} s{more}"
        if not short:
            yield "; ".join(f"{name} {value}" for name, value in self.environment.items())

    def _of_framework(self, name: str, id: str, count: int) -> Iterator[str]:
        """Yields a line on a difference of a framework; the user's own have sentences."""
        entry = entry_of(id, self.deviations)
        if all(one.entry is not entry for one in self.deviations):
            more = f"{entry.upstream}; rnn-parity findings {id}"
            yield f"{name} met a known difference {count} times: {entry.observed} ({more})"

    def _and_large(self) -> str:
        large = f" and {self.large} large one{'s' * (self.large > 1)}" if self.large else ""
        return large + "".join(f", {count} of {cell}" for cell, count in self.shares.items())

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


def as_text(print_to: Callable[[Console, bool], None], verbose: bool) -> str:
    """Returns what a `print_to` prints."""
    stream = io.StringIO()
    # In a notebook rich prints past the file.
    print_to(Console(file=stream, width=110, color_system=None, force_jupyter=False), verbose)
    return stream.getvalue()


def columns_of(implementations: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Returns the cells of a table by heading, from entries of a report's document.

    A column of OPTIONAL is left out where it is zero throughout.
    """
    columns = {"implementation": [entry["name"] for entry in implementations]}
    for kind in (*KINDS, "known"):
        columns[kind] = [f"{entry['counts'].get(kind, 0):,}" for entry in implementations]
    for heading, key in NUMBERS.items():
        columns[heading] = [f"{entry[key]:,}" for entry in implementations]
    columns["ratio"] = [f"{float(entry['worst_ratio']):.3f}" for entry in implementations]
    empty = [heading for heading in OPTIONAL if set(columns[heading]) <= {"0"}]
    return {heading: cells for heading, cells in columns.items() if heading not in empty}


def terminal_table(
    columns: Mapping[str, Sequence[str]], justify: Literal["left", "right"] = "right"
) -> Table:
    """Lays out a table for a terminal; columns but the first are numbers, or words to the left."""
    name, *headings = columns
    is_words = justify == "left"
    table = Table(
        Column(name, overflow="fold", min_width=0 if is_words else 16),
        *(
            Column(one_line(heading), justify=justify, no_wrap=not is_words, overflow="fold")
            for heading in headings
        ),
        box=box.SIMPLE,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    return table
