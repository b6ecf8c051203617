"""Prints the result of a run on a terminal: its table, and lines below it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from harness.implementations.names import cell_of
from harness.printable import how_many, printable
from harness.runs.deviations import entry_of
from harness.runs.summary import Summary
from harness.runs.tables import columns_of, print_table, terminal_table

if TYPE_CHECKING:
    from harness.runs.report import Report

MOST_LINES = 12  # below the table, on one implementation that failed
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
        most = max(MOST_LINES - CLOSING_LINES - len(report.notes) - len(lines), 1)
        few = others if len(others) <= most else others[: most - 1]
        yield from (*lines, *(other.line for other in few))
        if rest := len(others) - len(few):
            yield f"{main.small.implementation} failed in {rest} more ways: see -v"


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
    if id not in report.own_ids:
        entry = entry_of(id, report.deviations)
        more = f"{entry.upstream}; rnn-parity findings {id}"
        yield f"{name} met a known difference {how_many(count, 'time')}: {entry.observed} ({more})"


def cases_text(report: "Report") -> str:
    """Says on how many cases the run was."""
    if all(report.is_unusable(summary.name) for summary in report.summaries):
        return "no case was judged"
    assert report.cases is not None, "a campaign has a summary of its own"
    return f"{how_many(report.cases, 'case')}{_and_large(report)}"


def _and_large(report: "Report") -> str:
    large = f" and {how_many(report.large, 'large one')}" if report.large else ""
    rows = [summary for summary in report.summaries if not cell_of(summary.name)]
    most = max((summary.counts.total() for summary in rows), default=0)
    others = most - (report.cases or 0) - report.large
    more = f", {others:,} more in place of refused ones" if others > 0 else ""
    shares = "".join(f", {count} of {cell}" for cell, count in report.shares.items())
    return f"{large}{more}{shares}"
