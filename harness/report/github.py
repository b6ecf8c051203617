"""What GitHub shows of a run: annotations, written as workflow commands, and the job's summary.

The rules: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from harness.report.foreign import printable
from harness.report.markdown import as_markdown
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
    commands = [_annotation(summary, report) for summary in worth]
    if len(commands) > MOST:
        kind = "error" if report.exit_status == 1 else "warning"
        rest = f"{len(commands) - MOST + 1} more: see the job's summary."
        commands[MOST - 1 :] = [command(kind, "rnn-parity", rest)]
    return commands


def command(kind: str, title: str, message: str, file: str = "") -> str:
    """Returns one workflow command. No text in it can end it, add a property or begin another."""
    properties = {"title": title} | ({"file": file} if file else {})
    pairs = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {pairs}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _badness(summary: Summary, report: Report) -> tuple[int, int, float]:
    """Sorts the worst first: crashes, differences by ratio, what cannot be told, what is known."""
    rank = {1: 0, 3: 1}.get(summary.exit_status, 2)
    finding = report.findings.get(summary.name)
    ratio = max(summary.worst_ratio, finding.first.worst_ratio if finding else 0.0)
    crashed = finding is not None and finding.first.kind == "crashed"
    return rank, 0 if crashed else 1, -ratio if ratio == ratio else -float("inf")


def _annotation(summary: Summary, report: Report) -> str:
    where, _, _ = summary.name.rpartition(":")
    file = where if where.endswith(".py") else ""
    if summary.failure_count:
        count, total = summary.failure_count, summary.counts.total()
        finding = report.findings.get(summary.name)
        message = f"{finding.first.reason}\n{finding.diagnosis}" if finding else report.sentence
        return command(
            "error", f"{summary.name} differs on {count} of {total} cases", message, file
        )
    if summary.exit_status and (summary.counts["agrees"] or summary.known):
        message = str(report.sights.get(summary.name, report.sentence))
        return command("warning", f"{summary.name}: cannot tell", message, file)
    if summary.exit_status:
        message = "It never agreed on a case, so nothing was shown."
        return command("warning", f"{summary.name}: cannot tell", message, file)
    ids = ", ".join(f"{id} ({count})" for id, count in summary.known.items())
    message = f"Faults of the framework, listed by rnn-parity findings: {ids}."
    return command("notice", f"{summary.name} met known differences", message)
