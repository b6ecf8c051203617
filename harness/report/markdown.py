"""A report as Markdown: what a person reads in a job's summary, a merge request or an issue."""

from harness.judge.verdict import KINDS
from harness.report.foreign import block, inline, plain
from harness.runs.ledger import differences
from harness.runs.report import Report
from harness.runs.summary import Summary

SIGNS = {0: "✅ agrees", 1: "❌ differs", 3: "❔ cannot tell"}  # the word says it too
ROOM = 400  # bytes kept for the sentence about what was left out


def as_markdown(report: Report, limit: int | None = None) -> str:
    """The report as GitHub's Markdown, of at most `limit` bytes: what does not fit is left out, last things first, and counted."""
    head, *sections = _sections(report)
    if limit is not None and _size(head) > limit - ROOM:
        head = f"### rnn-parity: {SIGNS[report.exit_status]}\n"
    taken, left_out, room = [head], 0, None if limit is None else limit - ROOM - _size(head)
    for section in sections:
        if room is not None and _size(section) > room:
            left_out += 1
            continue
        taken.append(section)
        room = None if room is None else room - _size(section)
    if left_out:
        taken.append(
            f"{left_out} of {len(sections)} sections are left out: there is room for {limit} bytes. `--json` has everything.\n"
        )
    return "\n".join(taken)


def _size(section: str) -> int:
    """In bytes, with the newline that joins it to the next."""
    return len(section.encode("utf-8", "backslashreplace")) + 1


def _sections(report: Report) -> list[str]:
    """The sentence and what it means; the table; each finding; then the rest, unfolded by who wants it."""
    sections = [f"### rnn-parity: {SIGNS[report.exit_status]}\n\n{plain(report.sentence)}\n"]
    notes = [
        *report.notes,
        *(
            ["The run was interrupted: this is what was known by then."]
            if report.interrupted
            else []
        ),
    ]
    sections += [f"**Note:** {plain(note)}\n" for note in notes]
    if report.summaries:
        sections.append(_table(report.summaries))
    for name, found in report.findings.items():
        sections.append(
            f"#### {inline(name)}\n\n{plain(str(found.diagnosis))}\n\n{block(str(found))}\n"
        )
    known = [
        (summary.name, id, count)
        for summary in report.summaries
        for id, count in summary.known.items()
    ]
    refused = [
        (summary.name, reason, count)
        for summary in report.summaries
        for reason, count in summary.refusals.items()
    ]
    observed = {
        difference.id: f"{difference.observed} ({difference.upstream})"
        for difference in differences()
    }
    lists = {
        "Known differences of the frameworks": [
            f"{inline(n)}, {count} cases: {plain(observed[id])}, {inline(id)}"
            for n, id, count in known
        ],
        "Refused": [
            f"{inline(name)}, {count} cases: {plain(reason)}" for name, reason, count in refused
        ],
        "What these cases could have seen": [
            f"{inline(n)}: {plain(str(seen))}"
            for n, seen in report.sights.items()
            if seen.applicable
        ],
        "Where it ran": [
            f"{report.cases} cases, seed {report.seed}, {report.seconds:.1f} s"
            + "".join(f", {plain(f'{n}={v!r}')}" for n, v in report.limits.items()),
            *(f"{plain(name)} {plain(value)}" for name, value in report.environment.items()),
        ],
    }
    for title, items in lists.items():
        if items:
            sections.append(
                "\n".join(
                    [
                        f"<details><summary>{title}</summary>\n",
                        *(f"- {item}" for item in items),
                        "\n</details>\n",
                    ]
                )
            )
    return sections


def _table(summaries: tuple[Summary, ...]) -> str:
    kinds = [
        kind
        for kind in (*KINDS, "known")
        if kind in ("agrees", "differs") or any(s.counts.get(kind) for s in summaries)
    ]
    headings = ["implementation", "result", *kinds, "outputs", "equal", "worst ratio"]
    rows = [headings, ["---", "---", *["---:"] * (len(headings) - 2)]]
    for summary in summaries:
        counts = [f"{summary.counts.get(kind, 0):,}" for kind in kinds]
        figures = [f"{summary.outputs:,}", f"{summary.exact:,}", f"{summary.worst_ratio:.3f}"]
        rows.append([inline(summary.name), SIGNS[summary.exit_status], *counts, *figures])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"
