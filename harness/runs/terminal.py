"""Prints the result of a run on a terminal: a table, and lines below it."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segments
from rich.table import Column, Table
from rich.text import Text

from harness.judge.printable import how_many, one_line, printable
from harness.judge.verdict import KINDS
from harness.runs.deviations import entry_of
from harness.runs.sentence import is_unusable
from harness.runs.summary import Summary

if TYPE_CHECKING:
    from harness.runs.report import Report

# These columns are left out where every cell is zero.
OPTIONAL = ("crashed", "inconclusive", "known", "wider", "undecided")
# Numbers by heading, and their names in a report's document.
NUMBERS = {"wider": "wider", "outputs": "outputs", "equal": "exact", "undecided": "undecided"}
MOST_LINES = 12  # below the table, on one implementation that failed
LEAST_NAME = 16  # letters of an implementation's name, before it goes on in the next line
CLOSING_LINES = 2  # of these: how to repeat the run, and the sentence


def print_report(report: "Report", console: Console, verbose: bool = False) -> None:
    """Prints the table, findings, refusals and sights, and how to repeat the run.

    Of an implementation that failed it prints at most MOST_LINES, unless it is `verbose`.
    """
    columns = columns_of([{"name": s.name, **s.to_json()} for s in report.summaries])
    print_table(console, terminal_table(columns))
    for line in lines(report, verbose):
        # Soft wrapping breaks no line, so that commands can be pasted.
        console.print(Text(printable(line)), soft_wrap=True)
    sentence = printable(report.sentence, keep="")
    console.print(Text(sentence, style="bold"), soft_wrap=True)


def _findings(report: "Report", verbose: bool) -> Iterator[str]:
    for findings in report.findings.values():
        if verbose:
            yield from map(str, findings)
            continue
        main, *others = findings
        lines = main.lines()
        room = MOST_LINES - CLOSING_LINES - len(report.notes) - len(lines)
        yield from lines
        if len(others) > max(room, 1):
            rest = len(others) - max(room, 1) + 1
            others[-rest:] = []
            yield from (other.line for other in others)
            yield f"{main.small.implementation} failed in {rest} more ways: see -v"
        else:
            yield from (other.line for other in others)


def lines(report: "Report", verbose: bool) -> Iterator[str]:
    """Yields what stands below the table: findings, refusals, sights, how to repeat it."""
    short = bool(report.findings) and not verbose
    findings = [*_findings(report, verbose)]
    yield from findings
    for summary in report.summaries:
        if summary.name in report.findings and not verbose:
            continue
        for id, count in sorted(summary.known.items()):
            yield from _of_framework(report, summary.name, id, count)
        for reason, count in sorted(summary.refusals.items(), key=lambda pair: (-pair[1], pair)):
            yield f"{summary.name} refused {count}: {reason}"
        yield from _why_unclear(report, summary)
    yield from (one.sentence for one in report.deviations)
    for name, sight in report.sights.items():
        if sight.applicable:
            yield f"{name}: {sight}"
    room = MOST_LINES - CLOSING_LINES - report.interrupted
    only_failures = short and len(report.findings) == len(report.summaries)
    yield from report.notes[: max(0, room - len(findings)) if only_failures else None]
    if report.interrupted:
        count = sum(summary.counts.total() for summary in report.summaries)
        yield f"interrupted: this is what was known after {how_many(count, 'verdict')}"
    options = "".join(f", {name}={value!r}" for name, value in report.limits.items())
    more = "; -v prints all of it" if short else ""
    yield f"{cases_text(report)}, seed {report.seed}{options}, {report.seconds:.1f} s{more}"
    if not short:
        yield "; ".join(f"{name} {value}" for name, value in report.environment.items())


def _why_unclear(report: "Report", summary: Summary) -> Iterator[str]:
    """Yields why the first inconclusive verdict is so, where one is."""
    if summary.counts["inconclusive"]:
        for verdict in report.verdicts:
            if (verdict.kind, verdict.implementation) == ("inconclusive", summary.name):
                yield f"{summary.name} was inconclusive, first as {verdict.reason}"
                return


def _of_framework(report: "Report", name: str, id: str, count: int) -> Iterator[str]:
    """Yields a line on a difference of a framework; the user's own have sentences."""
    entry = entry_of(id, report.deviations)
    if all(one.entry is not entry for one in report.deviations):
        more = f"{entry.upstream}; rnn-parity findings {id}"
        yield f"{name} met a known difference {how_many(count, 'time')}: {entry.observed} ({more})"


def cases_text(report: "Report") -> str:
    """Says on how many cases the run was."""
    if all(is_unusable(report, summary.name) for summary in report.summaries):
        return "no case was judged"
    assert report.cases is not None, "a campaign has a summary of its own"
    return f"{how_many(report.cases, 'case')}{_and_large(report)}"


def _and_large(report: "Report") -> str:
    large = f" and {how_many(report.large, 'large one')}" if report.large else ""
    return large + "".join(f", {count} of {cell}" for cell, count in report.shares.items())


def print_table(console: Console, table: Table) -> None:
    """Prints a table whose numbers are whole, be the terminal narrower than they are."""
    numbers = (column for column in table.columns if column.no_wrap)
    lengths = [max(cell_len(str(cell)) for cell in (one.header, *one.cells)) for one in numbers]
    least = sum(lengths) + len(lengths) + LEAST_NAME + 2
    options = console.options.update(width=max(least, console.width))
    console.print(Segments(console.render(table, options)), soft_wrap=True, end="")


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
    columns["ratio"] = [ratio_text(float(entry["worst_ratio"])) for entry in implementations]
    empty = [heading for heading in OPTIONAL if set(columns[heading]) <= {"0"}]
    return {heading: cells for heading, cells in columns.items() if heading not in empty}


def ratio_text(ratio: float) -> str:
    """A ratio in a few letters, however large it is."""
    return f"{ratio:.3f}" if ratio < 1000 else f"{ratio:.1e}"


def terminal_table(
    columns: Mapping[str, Sequence[str]], justify: Literal["left", "right"] = "right"
) -> Table:
    """Lays out a table for a terminal; columns but the first are numbers, or words to the left."""
    name, *headings = columns
    is_words = justify == "left"
    table = Table(
        Column(name, overflow="fold", min_width=0 if is_words else LEAST_NAME),
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
