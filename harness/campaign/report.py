"""A campaign's report as a table for JSON: `result` follows from the plan alone, `run` tells how this run of it went.

`schema-1.json` beside this file describes schema 1. Fields are only ever added to it. What an implementation said is text like any other
here; who shows it must escape it.
"""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from harness.campaign.journal import Journal
from harness.campaign.plan import groups, shards
from harness.campaign.result import findings, sights, totals
from harness.report.as_json import known, number, own_version, text
from harness.runs.report import Report
from harness.runs.summary import Summary

SCHEMA = 1
FOLDER = "findings"  # of the saved cases, beside the report
Document = dict[str, Any]


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every report of this version fits."""
    found: dict[str, Any] = json.loads(
        (files("harness.campaign") / f"schema-{SCHEMA}.json").read_text(encoding="utf-8")
    )
    return found


def document(journal: Journal) -> tuple[Document, dict[str, bytes]]:
    """The report, and the saved cases that it names."""
    plan, sums = journal.plan, totals(journal)
    tallies = sums["implementations"]
    seen = sights(journal, tallies)
    cases: dict[str, bytes] = {}
    found = [_finding(finding, cases) for finding in findings(journal, tallies)]
    implementations = [
        _implementation(
            name, tallies[name].to_json(), sums["coverage"][name], seen.get(name), every
        )
        for name, every in plan.implementations.items()
    ]
    summed = Report(
        lambda: (),
        tuple(tallies.values()),
        plan.cases or 0,
        plan.seed,
        plan.limits,
        {},
        {},
        {},
        0.0,
    )
    told = {
        "schema": SCHEMA,
        "tool": {"name": "rnn-parity", "version": own_version()},
        "campaign": text(journal.name),
        "plan": {**plan.to_json(), "examples": len(plan.examples)},
        "result": {
            "complete": journal.fact("complete") == "true",
            "shards": sums["shards"],
            "exit": summed.exit_status,
            "sentence": text(summed.sentence),
            "implementations": implementations,
            "findings": found,
        },
        "run": _run(journal, sum(tally.cases for tally in tallies.values())),
    }
    return told, cases


def summaries(implementations: Iterable[Mapping[str, Any]]) -> tuple[Summary, ...]:
    """What a report says of implementations, as a run of `verify` knows it."""
    return tuple(
        Summary(
            told["name"], Counter(told["counts"]), told["outputs"], told["exact"], told["undecided"], float(told["worst_ratio"]),
            Counter(told["refusals"]), Counter({entry["id"]: entry["count"] for entry in told["known"]}),
            bool((told["sight"] or {}).get("blind")),
        )
        for told in implementations
    )  # fmt: skip


def write(told: Document, cases: Mapping[str, bytes], folder: Path) -> None:
    """Writes report.json, and each finding's case; those that an earlier report names are removed. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in _saved_before(folder / "report.json"):
        (folder / old).unlink(missing_ok=True)
    if cases:
        (folder / FOLDER).mkdir(exist_ok=True)
    for name, data in cases.items():
        (folder / name).write_bytes(data)
    (folder / "report.json").write_text(
        json.dumps(told, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )


def _saved_before(path: Path) -> list[str]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        names = [finding["saved"] for finding in told["result"]["findings"] if finding["saved"]]
        return [name for name in names if re.fullmatch(rf"{FOLDER}/[A-Za-z0-9-]+\.case", name)]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def _implementation(
    name: str,
    table: Mapping[str, Any],
    covered: Mapping[str, Any],
    seen: Mapping[str, Any] | None,
    every: int,
) -> dict[str, Any]:
    same = {
        key: table[key]
        for key in (
            "cases",
            "outputs",
            "exact",
            "undecided",
            "left_out",
            "counts",
            "histogram",
            "worst_at",
        )
    }
    return {
        "name": text(name),
        "every": every,
        **same,
        "worst_ratio": number(table["worst_ratio"]),
        "tiny_ratio": number(table["tiny_ratio"]),
        "refusals": {
            text(reason): count
            for reason, count in sorted(
                table["refusals"].items(), key=lambda item: (-item[1], item[0])
            )
        },
        "known": [known(id, count) for id, count in sorted(table["known"].items())],
        "sight": dict(seen) if seen else None,
        "coverage": dict(covered),
    }


def _finding(finding: Mapping[str, Any], cases: dict[str, bytes]) -> dict[str, Any]:
    diagnosis, smallest, at = finding["diagnosis"], finding["smallest"], finding["at"]
    saved = None
    if smallest:
        saved = f"{FOLDER}/{_file_name(finding)}"
        cases[saved] = base64.b64decode(smallest["saved"])
    return {
        "implementation": text(finding["implementation"]),
        "kind": finding["kind"],
        "count": finding["count"],
        "reason": text(finding["reason"]),
        "where": text(finding["where"]),
        "diagnosis": {"mistakes": diagnosis["names"], "sentence": text(diagnosis["sentence"])},
        "first": {"case": at["case"], "rebuild": text(at["rebuild"])},
        "smallest": {"case": text(smallest["case"]), "snippet": text(smallest["snippet"])}
        if smallest
        else None,
        "saved": saved,
    }


def _file_name(finding: Mapping[str, Any]) -> str:
    """Letters of the implementation's name, and eight digits for all that makes it another finding."""
    key = json.dumps(
        [
            finding["implementation"],
            finding["kind"],
            finding["what"],
            finding["place"],
            finding["diagnosis"]["names"],
        ]
    )
    plain = re.sub(r"[^A-Za-z0-9]+", "-", finding["implementation"])[-60:].strip("-")
    return f"{plain}-{hashlib.sha256(key.encode()).hexdigest()[:8]}.case".lstrip("-")


def _run(journal: Journal, verdicts: int) -> dict[str, Any]:
    order = {
        shard.number: shard.group
        for shard, _ in zip(
            shards(journal.plan), range(max(journal.shard_numbers(), default=-1) + 1), strict=False
        )
    }
    rows = [
        (row["spent"], order[row["shard"]], row["memory"] >> 20, row["seconds"])
        for row in journal.rows()
    ]
    spent = journal.running_seconds()
    versions: dict[str, Counter[str]] = {}
    for row in journal.rows():
        for name, value in row["versions"].items():
            versions.setdefault(text(name), Counter())[text(value)] += 1
    return {
        "seconds": spent,
        "verdicts_per_second": verdicts / spent if spent else 0.0,
        "worker_seconds": sum(row[3] for row in rows),
        "groups": {group: list(names) for group, names in groups(journal.plan).items()},
        "memory": [[seconds, group, mebibytes] for seconds, group, mebibytes, _ in sorted(rows)],
        "peak_mebibytes": max((row[2] for row in rows), default=0),
        "versions": json.loads(journal.fact("versions")),
        "changed": {name: dict(found) for name, found in versions.items() if len(found) > 1},
        "environment": {
            text(name): text(value)
            for name, value in json.loads(journal.fact("environment")).items()
        },
    }
