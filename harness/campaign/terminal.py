"""A campaign's report for the terminal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from harness.campaign.report import findings_of
from harness.report.foreign import one_line, printable
from harness.runs.report import columns_of, terminal_table

FINDINGS = 20  # as many are printed; the report holds all
REASONS = 5  # for refusing, of each implementation
VARIANTS = (
    12  # with more implementations than that, refusals and coverage are told in the report alone
)


def print_report(told: dict[str, Any], folder: Path, console: Console) -> None:
    """The table, the findings with their cases in the folder, what is known, seen and covered, how long it took, the sentence."""
    console.print(terminal_table(columns_of(told["implementations"])))
    for line in (
        *_findings(told, folder),
        *_implementations(told["implementations"]),
        *_run(told),
    ):
        console.print(Text(line), soft_wrap=True)  # what can be pasted is never broken
    console.print(Text(told["sentence"], style="bold"), soft_wrap=True)


def _findings(told: dict[str, Any], folder: Path) -> Iterator[str]:
    findings = list(findings_of(told))
    for finding in findings[:FINDINGS]:
        times = f"{finding['count']:,} time{'s' if finding['count'] > 1 else ''}"
        first, name = finding["first"], one_line(finding["implementation"])
        yield f"{name} {first['kind']}, {times}: {one_line(first['reason'])}"
        if first["where"]:
            where = ", ".join(f"{axis} {index}" for axis, index in first["where"].items())
            yield f"  where      {where}"
        yield f"  first      {one_line(first['rebuild'])}"
        if finding["diagnosis"]["sentence"]:
            yield f"  diagnosis  {one_line(finding['diagnosis']['sentence'])}"
        if finding["smallest"]:
            yield f"  smallest   {one_line(finding['smallest']['case'])}"
            yield f"  saved as   {one_line(str(folder / finding['saved']), 500)}; replay it with: rnn-parity explain FILE"
    if len(findings) > FINDINGS:
        yield f"and {len(findings) - FINDINGS:,} more findings, which the report holds"


def _implementations(implementations: list[dict[str, Any]]) -> Iterator[str]:
    for told in implementations:
        name = one_line(told["name"])
        for entry in told["known"]:
            yield f"{name} met a known difference {entry['count']:,} times: {entry['observed']} (rnn-parity findings {entry['id']})"
        if told["left_out"]:
            yield f"{name} was left out of {told['left_out']:,} cases, since it had ended its process again and again"
    for told in implementations if len(implementations) <= VARIANTS else ():
        for reason, count in list(told["refusals"].items())[:REASONS]:
            yield f"{one_line(told['name'])} refused {count:,}: {one_line(reason)}"
        name, covered, at = one_line(told["name"]), told["coverage"], told["worst_at"]
        if at:
            tiny = (
                f"; on tiny numbers the worst is {told['tiny_ratio']:.3f}"
                if told["tiny_ratio"]
                else ""
            )
            yield f"{name}: worst ratio {float(told['worst_ratio']):.3f}, {at['place']} of {at['rebuild']}{tiny}"
        if told["sight"]:
            yield f"{name}: {printable(told['sight']['sentence'], keep='')}"
        refused = (
            f", met {covered['refused']:,} in cases that it refused" if covered["refused"] else ""
        )
        yield f"{name}: judged with {covered['judged']:,} of {covered['pairs']:,} pairs of features{refused}"


def _run(told: dict[str, Any]) -> Iterator[str]:
    run, plan = told["run"], told["plan"]
    verdicts = sum(implementation["cases"] for implementation in told["implementations"])
    shards = f"{told['shards']:,} shard{'s' * (told['shards'] != 1)}"
    state = (
        "complete"
        if not told["interrupted"]
        else f"not complete: rnn-parity campaign resume {one_line(told['campaign'])} goes on"
    )
    yield (
        f"{verdicts:,} verdicts in {shards} of seed {plan['seed']}, {told['seconds']:,.1f} s, "
        f"{run['verdicts_per_second']:,.0f} a second, at most {run['peak_mebibytes']:,} MiB in a process; {state}"
    )
    for name, found in run["changed"].items():
        told_versions = ", ".join(f"{value} in {count:,} shards" for value, count in found.items())
        yield f"The versions were not the same throughout: {one_line(name)} {one_line(told_versions)}"
    yield "; ".join(f"{name} {value}" for name, value in told["environment"].items())
