"""Prints a campaign's report on the terminal."""

from collections.abc import Container, Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness.campaign.journal import shell_name
from harness.campaign.report import findings_of
from harness.implementations.program import replay_command
from harness.judge.calls.crash import CrashPlace
from harness.printable import how_many, in_words, one_line, printable
from harness.report.as_json import Document
from harness.runs.tables import columns_of, terminal_table

FINDINGS = 20  # as many are printed; the report holds all
REASONS = 5  # for refusing, of each implementation
# With more implementations than that, refusals and coverage stand in the report alone.
VARIANTS = 12


def print_report(document: Document, folder: Path, console: Console) -> None:
    """Prints the table, the findings with their cases in the folder, coverage, pace, sentence."""
    rows = document["implementations"]
    console.print(terminal_table(columns_of(rows)))
    own = {one["id"] for one in document["deviations"]}
    lines = [*_findings(document, folder), *_omissions(rows, own)]
    lines += [one["sentence"] for one in document["deviations"]]
    lines += document["notes"]
    if len(rows) <= VARIANTS:
        lines += [line for row in rows for line in _implementation(row)]
    for line in (*lines, *_run(document)):
        console.print(
            Text(printable(line, keep="")), soft_wrap=True
        )  # what can be pasted is never broken
    console.print(Text(printable(document["sentence"], keep=""), style="bold"), soft_wrap=True)


def _findings(document: Document, folder: Path) -> Iterator[str]:
    findings = [*findings_of(document)]
    for finding in findings[:FINDINGS]:
        first, count = finding["first"], finding["count"]
        times = f"{count:,} time{'s' if count > 1 else ''}"
        name = one_line(finding["implementation"])
        yield f"{name} {first['kind']}, {times}: {one_line(first['reason'])}"
        if first["where"]:
            place = ", ".join(f"{axis} {index}" for axis, index in first["where"].items())
            yield f"  where      {place}"
        yield from _numbers(finding)
        if first["raised_at"]:
            yield f"  raised at  {one_line(str(CrashPlace(**first['raised_at'])))}"
        yield f"  first      {one_line(first['rebuild'])}"
        if finding["diagnosis"]["sentence"]:
            yield f"  diagnosis  {one_line(finding['diagnosis']['sentence'])}"
        if finding["smallest"]:
            # A journal of 0.1.0 does not say what the case is.
            case = one_line(finding["smallest"].get("case", "see the saved case"))
            file = one_line(str(folder / finding["saved"]), 500)
            yield f"  smallest   {case}"
            replay = one_line(replay_command("FILE", finding["implementation"]))
            yield f"  saved as   {file}; replay it with: {replay}"
    if len(findings) > FINDINGS:
        rest = how_many(len(findings) - FINDINGS, "more finding")
        yield f"and {rest}, which the report holds"


def _numbers(finding: Document) -> Iterator[str]:
    """Says what came out of the smallest case, and what should have."""
    where = (finding["smallest"] or {}).get("where")
    if where:
        room = f"give or take {float(where['allowed']):.3g}" if where["allowed"] else "exactly"
        actual, expected = where["actual"], where["expected"]
        yield f"  numbers    {actual} for {expected}, {room}, in the smallest case"


def _omissions(rows: list[Document], own: Container[str]) -> Iterator[str]:
    """Says what was not counted as a failure, or not judged; without what the user's `own` says."""
    for row in rows:
        name = one_line(row["name"])
        for entry in (one for one in row["known"] if one["id"] not in own):
            what = f"{entry['observed']} (rnn-parity findings {entry['id']})"
            yield f"{name} met a known difference {how_many(entry['count'], 'time')}: {what}"
        if row["left_out"]:
            reason = "since its process had ended, or had to be ended, again and again"
            yield f"{name} was left out of {how_many(row['left_out'], 'case')}, {reason}"


def _implementation(row: Document) -> Iterator[str]:
    """Says what one implementation refused, its worst ratio, its sight and its coverage."""
    name, coverage, at = one_line(row["name"]), row["coverage"], row["worst_at"]
    for reason, count in [*row["refusals"].items()][:REASONS]:
        yield f"{name} refused {count:,}: {one_line(reason)}"
    if at:
        worst = f"{float(row['worst_ratio']):.3f}, {at['place']} of {one_line(at['rebuild'])}"
        tiny = f"; on tiny numbers the worst is {float(row['tiny_ratio']):.3f}" * bool(
            row["tiny_ratio"]
        )
        yield f"{name}: worst ratio {worst}{tiny}"
    if row["sight"]:
        yield f"{name}: {row['sight']['sentence']}"
    count = coverage["refused"]
    refused = f", met {count:,} in cases that it refused" if count else ""
    pairs = f"{coverage['judged']:,} of {coverage['pairs']:,} pairs of features"
    yield f"{name}: judged with {pairs}{refused}"
    if set(row["cells"]) - {"rnn"}:
        counts = in_words(
            f"{how_many(count, 'case')} of {cell}" for cell, count in row["cells"].items()
        )
        yield f"{name}: agreed on {counts}"


def _run(document: Document) -> Iterator[str]:
    run, shards = document["run"], document["shards"]
    verdicts = sum(row["cases"] for row in document["implementations"])
    state = "complete"
    if document["interrupted"]:
        name = one_line(shell_name(document["campaign"]))
        state = f"not complete: where it has stopped, rnn-parity campaign resume {name} goes on"
    yield (
        f"{how_many(verdicts, 'verdict')} in {how_many(shards, 'shard')} of seed "
        f"{document['plan']['seed']}, {document['seconds']:,.1f} s, "
        f"{run['verdicts_per_second']:,.0f} a second, "
        f"at most {run['peak_mebibytes']:,} MiB in a process; {state}"
    )
    for name, counts in run["changed"].items():
        shares = ", ".join(
            f"{value} in {how_many(count, 'shard')}" for value, count in counts.items()
        )
        yield f"The versions were not the same throughout: {one_line(name)} {one_line(shares)}"
    yield "; ".join(f"{name} {value}" for name, value in document["environment"].items())
