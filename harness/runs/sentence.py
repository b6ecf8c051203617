"""Says the result of a run in one sentence: what it shows, for which cells and sizes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from harness.draw.limits import FEW
from harness.implementations.names import cell_of, plain_name
from harness.printable import how_many, in_words, one_line
from harness.runs.reach import large_text, range_text
from harness.runs.scope import more_cases
from harness.runs.summary import Summary

if TYPE_CHECKING:
    from harness.runs.report import Report

SCOPES = 3  # sentences on what was never judged


def sentence(report: "Report") -> str:
    """Says the result in one sentence, and which known deviations no longer hold."""
    if not report.stale:
        return _result(report)
    ids = [one_line(one.entry.id) for one in report.stale]
    what = f"Out of date: {in_words(ids)} in the file of known deviations."
    return f"{what} {_result(report)}"


def _result(report: "Report") -> str:
    wrong = [summary for summary in report.summaries if summary.failure_count]
    if unusable := [s.name for s in wrong if report.is_unusable(s.name)]:
        rest = [summary for summary in wrong if summary.name not in unusable]
        first = f"{_difference(report, rest)} " if rest else ""
        return f"{first}{in_words(unusable)} cannot be used, which counts as a crash."
    if wrong:
        return _difference(report, wrong)
    if dependent := [summary.name for summary in report.summaries if summary.takes_answer]:
        uses = report.uses or {}
        parts = [f"{name} imports {in_words([*map(str, uses[name])])}" for name in dependent]
        return f"Not independent: {'; '.join(parts)}."
    silent = [summary.name for summary in report.summaries if not summary.counts["agrees"]]
    if silent or not report.summaries:
        names = in_words(silent) or "no implementation"
        return f"Cannot tell: {names} never agreed on a case, so nothing was shown."
    if gaps := [scope.gap for scope in report.scopes.values() if scope.gap]:
        return f"Cannot tell: {' '.join(gaps)}"
    blind = [summary.name for summary in report.summaries if summary.blind]
    if blind:
        advice = more_cases(*map(report.limits.get, FEW))
        if any(summary.known for summary in report.summaries if summary.blind):
            advice = f"The others meet known deviations: narrow their `where`. {advice}"
        return (
            f"Cannot tell: the cases on which {in_words(blind)} agreed would have hidden "
            f"plain mistakes. {advice}"
        )
    if report.interrupted:
        return f"Cannot tell: the run is not complete. So far, {_agreement(report)}"
    return _agreement(report)


def _difference(report: "Report", wrong: Sequence[Summary]) -> str:
    crashed = " crashed" if not any(summary.counts["differs"] for summary in wrong) else ""
    parts = [
        f"{s.name}{crashed} on {s.failure_count:,} of {how_many(s.counts.total(), 'case')}"
        for s in wrong
    ]
    verb = "do" if len(wrong) > 1 else "does"
    what = "" if crashed else f" {verb} not compute what the hand-written loop computes"
    return f"Not the same: {'; '.join(parts)}{what}.{_untried(report)}"


def _untried(report: "Report") -> str:
    return "".join(
        f" {name} was given up: {count:,} case{'s were' if count > 1 else ' was'} never tried."
        for name, count in report.untried.items()
    )


def _main(report: "Report") -> list[Summary]:
    """Returns the implementations that are judged on the run's own cases, or all."""
    return [one for one in report.summaries if not cell_of(one.name)] or list(report.summaries)


def _whole(report: "Report") -> list[Summary]:
    """Returns those of them that were judged on all cases, not on a share of them."""
    whole = [summary for summary in _main(report) if summary.name in report.scopes]
    return whole or _main(report)


def _range(report: "Report") -> str:
    """Says for which cells and sizes it holds; for less where only a share was judged."""
    whole = _whole(report)
    reach: Counter[str] = reduce(and_, (summary.reach for summary in whole))
    parts = []
    for summary in _main(report):
        own = {name: size for name, size in summary.reach.items() if size < reach[name]}
        if own and summary not in whole:
            parts.append(f"{summary.name} for {range_text(own, report.limits)}")
    text = range_text(reach, report.limits) + (f" ({'; '.join(parts)})" if parts else "")
    cells = in_words(reduce(and_, (summary.cells for summary in whole)))
    return ", ".join(filter(None, [cells if cells != "rnn" or report.shares else "", text]))


def _shares(report: "Report") -> str:
    """Says for which cells and sizes the rows of one cell hold, as they stand beside others."""
    rows = [summary for summary in report.summaries if summary not in _main(report)]
    cells: dict[str, list[Summary]] = {}
    for summary in rows:
        cells.setdefault(cell_of(summary.name), []).append(summary)
    alike: dict[tuple[str, str], list[str]] = {}
    for cell, own in cells.items():
        reach = range_text(reduce(and_, (summary.reach for summary in own)), report.limits)
        names = [plain_name(summary.name) for summary in own]
        who = f"{in_words(names)} {'does' if len(names) == 1 else 'do'}"
        alike.setdefault((who, reach), []).append(cell)
    clauses = ((who, in_words(own), reach) for (who, reach), own in alike.items())
    return "".join(f"; {who} so for {cells}, {reach}" for who, cells, reach in clauses)


def _large(report: "Report") -> Iterator[str]:
    """Says how far large cases reached."""
    whole = _whole(report)
    if text := large_text(reduce(and_, (summary.large for summary in whole))):
        names = in_words(summary.name for summary in whole)
        whose = f" of {names}" if len(whole) < len(report.summaries) else ""
        yield f"Large cases{whose}, with one large size each, reached {text}"


def _agreement(report: "Report") -> str:
    names = [summary.name for summary in _main(report)]
    verb = "computes" if len(names) == 1 else "compute"
    same = f"{in_words(names)} {verb} what the hand-written loop computes"
    if sizes := _range(report):
        same += f", for {sizes}"
    same += _shares(report)
    limits = "".join(f" {text}." for text in (*_large(report), *_limits(report)))
    exceptions = sum(summary.known.total() for summary in report.summaries)
    if exceptions:
        return (
            f"{same}, but for {how_many(exceptions, 'verdict')} that meet{'s' * (exceptions == 1)} "
            f"known {_whose(report)}, which the report lists.{limits}"
        )
    outputs = sum(summary.outputs for summary in report.summaries)
    exact = sum(summary.exact for summary in report.summaries)
    choices = report.limits.get("dtype", ())
    dtypes = {choices} if isinstance(choices, str) else set(choices)
    plain = len(dtypes) == 1 and not any(summary.wider for summary in report.summaries)
    where = f", in {dtypes.pop()}" if plain else ""
    return (
        f"{same}.{limits} Each of {outputs:,} outputs lies inside its derived bound, "
        f"and {exact:,} of them had to be equal, and are{where}."
    )


def _whose(report: "Report") -> str:
    """Says whose known differences were met."""
    own = report.own_ids
    ids = set().union(*(summary.known for summary in report.summaries))
    parts = ["differences of the frameworks"] if ids - own else []
    return in_words(parts + (["deviations of your own"] if ids & own else []))


def _limits(report: "Report") -> Iterator[str]:
    """Says what was never judged, once for all implementations of which it is the same."""
    names: dict[str, list[str]] = {}
    for name, text in _omissions(report):
        names.setdefault(text, []).append(name)
    for text, own in list(names.items())[:SCOPES]:
        yield f"Not judged{f' of {in_words(own)}' if len(report.names) > 1 else ''}: {text}"
    if len(names) > SCOPES:
        yield "The JSON report lists the same for the others"


def _omissions(report: "Report") -> Iterator[tuple[str, str]]:
    """Yields a name and what was never judged of it; a campaign only counts refusals."""
    for name, scope in report.scopes.items():
        if str(scope):
            yield name, str(scope)
    for summary in () if report.scopes else report.summaries:
        if count := summary.counts["refused"]:
            cases = "1 case, which was" if count == 1 else f"{count:,} cases, which were"
            yield summary.name, f"{cases} refused"
