"""Writes for GitHub: annotations, which are workflow commands, and the job's summary.

The rules: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

import os
from collections.abc import Iterator

from harness.printable import how_many, printable
from harness.report.markdown import as_markdown
from harness.runs.findings import Finding
from harness.runs.report import Report
from harness.runs.summary import Summary

SUMMARY_LIMIT = 1 << 20  # bytes, for all that one step writes: GitHub drops a larger summary
MOST = 10  # annotations of one kind that GitHub shows of one step


def job_summary(report: Report, size: int = 0) -> str:
    """Returns Markdown for the file $GITHUB_STEP_SUMMARY, which holds `size` bytes already."""
    return as_markdown(report, limit=SUMMARY_LIMIT - size)


def annotations(report: Report) -> list[str]:
    """Returns workflow commands, the worst first, at most ten; the last may count the others."""
    worth = [summary for summary in report.summaries if summary.exit_status or summary.known]
    worth.sort(key=lambda summary: _badness(summary, report))
    commands = [command("error", "rnn-parity", one.sentence) for one in report.stale]
    commands += [_annotation(summary, report) for summary in worth]
    if len(commands) > MOST:
        kind = "error" if report.exit_status == 1 else "warning"
        rest = f"{len(commands) - MOST + 1} more: see the job's summary."
        commands[MOST - 1 :] = [command(kind, "rnn-parity", rest)]
    return commands


def command(kind: str, title: str, message: str, file: str = "", line: int = 0) -> str:
    """Returns one workflow command. No text in it can end it, add a property or begin another."""
    properties = {"title": title} | ({"file": file} if file else {})
    properties |= {"line": str(line)} if line else {}
    pairs = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {pairs}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _badness(summary: Summary, report: Report) -> tuple[int, int, float]:
    """Sorts the worst first: crashes, differences by ratio, what cannot be told, what is known."""
    rank = {1: 0, 3: 1}.get(summary.exit_status, 2)
    findings = report.findings.get(summary.name, ())
    ratio = max(summary.worst_ratio, *(finding.first.worst_ratio for finding in findings), 0.0)
    crashed = any(finding.first.kind == "crashed" for finding in findings)
    return rank, 0 if crashed else 1, -ratio if ratio == ratio else -float("inf")


def _message(finding: Finding) -> str:
    place = f", at {finding.small.crash}" if finding.small.crash else ""
    return f"{finding.small.reason}{place}\n{finding.diagnosis}"


def _annotation(summary: Summary, report: Report) -> str:
    where, _, _ = summary.name.rpartition(":")
    file = where if where.endswith(".py") else ""
    if summary.failure_count:
        count, total = summary.failure_count, summary.counts.total()
        findings = report.findings.get(summary.name, ())
        message = "\n".join(map(_message, findings)) or report.sentence
        title = f"{summary.name} fails on {count} of {how_many(total, 'case')}"
        if any(finding.small.phase == "import" for finding in findings):
            title = f"{summary.name} cannot be used"
        crash = next((finding.small.crash for finding in findings if finding.small.crash), None)
        if crash and not os.path.isabs(crash.file):  # GitHub knows files of the repository alone
            return command("error", title, message, crash.file, crash.line)
        return command("error", title, message, file)
    if summary.takes_answer:
        uses = (report.uses or {})[summary.name]
        message = f"It imports {', '.join(map(str, uses))}."
        return command("error", f"{summary.name} uses the answer", message, file)
    if summary.exit_status and (summary.counts["agrees"] or summary.known):
        message = str(report.sights.get(summary.name, report.sentence))
        return command("warning", f"{summary.name}: cannot tell", message, file)
    if summary.exit_status:
        message = "It never agreed on a case, so nothing was shown."
        return command("warning", f"{summary.name}: cannot tell", message, file)
    message = " ".join(_differences(summary, report.own_ids))
    return command("notice", f"{summary.name} met known differences", message)


def _differences(summary: Summary, own_ids: set[str]) -> Iterator[str]:
    """Says which known differences were met, the frameworks' and the user's own apart."""
    titles = {
        False: "Faults of the framework, listed by rnn-parity findings",
        True: "Known deviations of your own",
    }
    for is_own, title in titles.items():
        own = [item for item in summary.known.items() if (item[0] in own_ids) == is_own]
        if ids := ", ".join(f"{id} ({count})" for id, count in own):
            yield f"{title}: {ids}."
