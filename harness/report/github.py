"""What GitHub shows of a run: annotations, written as workflow commands, and the job's summary.

The rules: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from harness.report.foreign import printable
from harness.report.markdown import as_markdown
from harness.runs.report import Report
from harness.runs.summary import Summary

SUMMARY_LIMIT = (
    1 << 20
)  # bytes, for all that one step writes: GitHub drops a summary that is larger
MOST = 10  # annotations of one kind that GitHub shows of one step


def job_summary(report: Report, already: int = 0) -> str:
    """Markdown for the file $GITHUB_STEP_SUMMARY, which holds `already` so many bytes."""
    return as_markdown(report, limit=SUMMARY_LIMIT - already)


def annotations(report: Report) -> list[str]:
    """Workflow commands, the worst first and at most ten; where there are more, the last says how many."""
    ranked = sorted(
        (_badness(summary, report), position, summary)
        for position, summary in enumerate(report.summaries)
        if _worth(summary)
    )
    commands = [_annotation(summary, report) for _, _, summary in ranked]
    if len(commands) > MOST:
        rest = len(commands) - MOST + 1
        commands[MOST - 1 :] = [
            command(
                "error" if report.exit_status == 1 else "warning",
                "rnn-parity",
                f"{rest} more: see the job's summary.",
            )
        ]
    return commands


def command(kind: str, title: str, message: str, file: str = "") -> str:
    """One workflow command. Nothing in its texts can end it, add a property or begin another."""
    properties = [("title", title)] + ([("file", file)] if file else [])
    return f"::{kind} {','.join(f'{name}={_property(value)}' for name, value in properties)}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _worth(summary: Summary) -> bool:
    return bool(summary.exit_status or summary.known)


def _badness(summary: Summary, report: Report) -> tuple[int, int, float]:
    """Sorts before what is less bad: crashes and differences, the furthest outside first; what cannot be told; what is known."""
    rank = {1: 0, 3: 1}.get(summary.exit_status, 2)
    found = report.findings.get(summary.name)
    crashed = bool(found and found.first.kind == "crashed")
    ratio = max(summary.worst_ratio, found.first.worst_ratio if found else 0.0)
    return rank, 0 if crashed else 1, -ratio if ratio == ratio else -float("inf")


def _annotation(summary: Summary, report: Report) -> str:
    where, _, _ = summary.name.rpartition(":")
    file = where if where.endswith(".py") else ""
    found = report.findings.get(summary.name)
    if summary.failure_count:
        title = f"{summary.name} differs on {summary.failure_count} of {sum(summary.counts.values())} cases"
        return command(
            "error",
            title,
            f"{found.first.reason}\n{found.diagnosis}" if found else report.sentence,
            file,
        )
    if not summary.counts.get("agrees") and not summary.known:
        return command(
            "warning",
            f"{summary.name}: cannot tell",
            "It never agreed on a case, so nothing was shown.",
            file,
        )
    if summary.exit_status:
        return command(
            "warning",
            f"{summary.name}: cannot tell",
            str(report.sights.get(summary.name, report.sentence)),
            file,
        )
    ids = ", ".join(f"{id} ({count})" for id, count in summary.known.items())
    return command(
        "notice",
        f"{summary.name} met known differences",
        f"Faults of the framework, listed by rnn-parity findings: {ids}.",
    )
