"""A report as Markdown: what a person reads in a job's summary, a merge request or an issue."""

from collections.abc import Iterator

from harness.printable import how_many
from harness.report.foreign import block, inline, plain
from harness.runs.deviations import entry_of
from harness.runs.report import Report
from harness.runs.tables import columns_of
from harness.runs.terminal import cases_text

SIGNS = {0: "✅ agrees", 1: "❌ fails", 3: "❔ cannot tell"}  # the word says it too
ROOM = 400  # bytes kept for the sentence about what was left out


def as_markdown(report: Report, limit: int | None = None) -> str:
    """Returns the report as GitHub's Markdown, of at most `limit` bytes.

    What does not fit is left out, last things first, and counted.
    """
    head, *others = sections(report)
    room = float("inf") if limit is None else limit - ROOM
    if _size(head) > room:
        head = f"### rnn-parity: {SIGNS[report.exit_status]}\n"
    parts, omissions = [head], 0
    room -= _size(head)
    for section in others:
        if _size(section) > room:
            omissions += 1
            continue
        parts.append(section)
        room -= _size(section)
    if omissions:
        parts.append(
            f"{omissions} of {len(others)} sections are left out: there is room for {limit} "
            "bytes. `--json` has everything.\n"
        )
    return "\n".join(parts)


def _size(section: str) -> int:
    """Returns the size in bytes, with the newline that joins the section to the next."""
    return len(section.encode("utf-8", "backslashreplace")) + 1


def sections(report: Report) -> Iterator[str]:
    """Yields the sentence; notes; the table; findings; then lists, folded."""
    yield f"### rnn-parity: {SIGNS[report.exit_status]}\n\n{plain(report.sentence)}\n"
    for note in report.notes:
        yield f"**Note:** {plain(note)}\n"
    if report.interrupted:
        yield "**Note:** The run was interrupted: this is what was known by then.\n"
    if report.summaries:
        yield _table(report)
    for name, findings in report.findings.items():
        for finding in findings:
            sentence = plain(str(finding.diagnosis))
            yield f"#### {inline(name)}\n\n{sentence}\n\n{block(str(finding))}\n"
    for title, items in _lists(report).items():
        if items:
            lines = "\n".join(f"- {item}" for item in items)
            yield f"<details><summary>{title}</summary>\n\n{lines}\n\n</details>\n"


def _lists(report: Report) -> dict[str, list[str]]:
    known, refused = [], []
    for summary in report.summaries:
        name = inline(summary.name)
        for id, count in summary.known.items():
            if id in report.own_ids:
                continue
            entry = entry_of(id, report.deviations)
            cause = plain(f"{entry.observed} ({entry.upstream})")
            known.append(f"{name}, {how_many(count, 'case')}: {cause}, {inline(id)}")
        for reason, count in summary.refusals.items():
            refused.append(f"{name}, {how_many(count, 'case')}: {plain(reason)}")
    options = "".join(f", {plain(f'{name}={value!r}')}" for name, value in report.limits.items())
    return {
        "Known differences of the frameworks": known,
        "Known deviations of your own": [plain(one.sentence) for one in report.deviations],
        "Refused": refused,
        "What these cases could have shown": [
            f"{inline(name)}: {plain(str(sight))}"
            for name, sight in report.sights.items()
            if sight.applicable
        ],
        "Where it ran": [
            f"{cases_text(report)}, seed {report.seed}, {report.seconds:.1f} s{options}",
            *(f"{plain(name)} {plain(value)}" for name, value in report.environment.items()),
        ],
    }


def _table(report: Report) -> str:
    columns = columns_of([{"name": s.name, **s.to_json()} for s in report.summaries])
    names = [inline(name) for name in columns.pop("implementation")]
    results = [SIGNS[summary.exit_status] for summary in report.summaries]
    rows = [
        ["implementation", "result", *columns],
        ["---", "---", *["---:"] * len(columns)],
        *zip(names, results, *columns.values(), strict=True),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"
