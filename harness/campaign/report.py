"""Makes a campaign's report: the document of `harness.report.as_json` and what only campaigns have.

All of it but the tool, `versions`, `environment`, `seconds` and `run` follows from the plan alone.
What an implementation said is text like any other here; who shows it must escape it.
"""

import base64
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from harness.campaign.journal import Journal
from harness.campaign.plan import Plan, groups, shards
from harness.campaign.result import findings, sights, totals
from harness.campaign.tally import Tally
from harness.draw.saved import write_whole
from harness.judge.calls.crash import CrashPlace
from harness.judge.verdict import COORDINATES
from harness.report.as_json import (
    Document,
    crash_table,
    number,
    text,
    texts,
    to_text,
)
from harness.report.as_json import document as common_document
from harness.runs.deviations import Deviation
from harness.runs.findings import file_name
from harness.runs.forms import output_notes
from harness.runs.report import Report

FOLDER = "findings"  # of the saved cases, beside the report
COUNTS = ("cases", "left_out", "histogram", "worst_at")


def document(journal: Journal) -> tuple[Document, dict[str, bytes]]:
    """Returns the report, and the saved cases that it names."""
    plan, sums = journal.plan, totals(journal)
    tallies: dict[str, Tally] = sums["implementations"]
    sight = sights(journal, tallies)
    for name, table in sight.items():
        tallies[name].blind = table["blind"]
    report = Report(
        tuple,
        tuple(tallies.values()),
        plan.cases,
        plan.seed,
        plan.limits,
        environment=journal.texts("environment"),
        seconds=journal.running_seconds(),
        interrupted=journal.fact("complete") != "true",
        untried={name: tally.left_out for name, tally in tallies.items() if tally.left_out},
        notes=tuple(output_notes(tallies.values())),
        deviations=_deviations(plan, tallies.values()),
    )
    contents = common_document(report, "campaign")
    cases, failures = dict[str, bytes](), findings(journal, tallies)
    for entry, (name, tally) in zip(contents["implementations"], tallies.items(), strict=True):
        entry |= {key: getattr(tally, key) for key in COUNTS}
        entry |= {
            "every": plan.implementations[name],
            "tiny_ratio": number(tally.tiny_ratio),
            # Of one that failed, it would say that cases hide what a finding has just named.
            "sight": None if tally.failure_count else sight.get(name),
            "coverage": sums["coverage"][name],
            "findings": [_finding(f, cases) for f in failures if f["implementation"] == name],
        }
    contents |= {
        "campaign": text(journal.name),
        "plan": _plan(plan),
        "shards": sums["shards"],
        "versions": texts(journal.texts("versions")),
        "run": _run(journal, sum(tally.cases for tally in tallies.values())),
    }
    return contents, cases


def _plan(plan: Plan) -> Document:
    """The plan, with the number of its saved cases, and the file of known deviations alone."""
    file = text(plan.deviations["file"]) if plan.deviations else None
    return {**plan.to_json(), "examples": len(plan.examples), "deviations": file}


def _deviations(plan: Plan, tallies: Collection[Tally]) -> tuple[Deviation, ...]:
    """The user's own known deviations, and what the verdicts say of them."""
    deviations = plan.own_deviations()
    for one in deviations:
        one.hits = sum(tally.known[one.entry.id] for tally in tallies)
        one.agreed = sum(tally.against[one.entry.id] for tally in tallies)
    return deviations


def findings_of(document: Document) -> Iterator[Document]:
    """Yields a document's findings, one implementation after the other."""
    for implementation in document["implementations"]:
        yield from implementation["findings"]


def write(document: Document, cases: Mapping[str, bytes], folder: Path) -> None:
    """Writes report.json and each finding's case; removes an earlier report's. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in _saved_before(folder / "report.json"):
        (folder / old).unlink(missing_ok=True)
    if cases:
        (folder / FOLDER).mkdir(exist_ok=True)
    for name, data in cases.items():
        write_whole(folder / name, data)
    write_whole(folder / "report.json", to_text(document).encode())


def _saved_before(path: Path) -> list[str]:
    """Lists the cases that an earlier report (schema 1 or 2) names; none where it is no report."""
    try:
        old = json.loads(path.read_text(encoding="utf-8"))
        entries = old["result"]["findings"] if old["schema"] == 1 else findings_of(old)
        names = [entry["saved"] for entry in entries if entry["saved"]]
        return [name for name in names if re.fullmatch(rf"{FOLDER}/[A-Za-z0-9-]+\.case", name)]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def _finding(finding: Mapping[str, Any], cases: dict[str, bytes]) -> Document:
    """Makes a finding's part of the document; puts its smallest case among the cases."""
    diagnosis, smallest, at = finding["diagnosis"], finding["smallest"], finding["at"]
    verdict = {"kind": finding["kind"], "reason": text(finding["reason"])}
    numbers = map(int, re.findall(r"\d+", finding["where"]))
    where: Document | None = dict(zip(COORDINATES, numbers, strict=False)) or None
    if where:
        where |= {"state": "c" if finding["where"].startswith("c_n") else "h"}
    crash = crash_table(CrashPlace(*finding["crash"]) if finding["crash"] else None)
    verdict |= {"raised_at": crash}
    first = verdict | {"case": None, "rebuild": text(at["rebuild"]), "where": where}
    if (deviation := finding["deviation"]) is not None:
        first["deviation"] = number(deviation)
    contents: Document = {
        "implementation": text(finding["implementation"]),
        "count": finding["count"],
        "diagnosis": {"mistakes": diagnosis["names"], "sentence": text(diagnosis["sentence"])},
        "first": first | {"index": at["case"]},
        "smallest": None,
        "saved": None,
    }
    if smallest:
        contents["saved"] = f"{FOLDER}/{_file_name(finding)}"
        cases[contents["saved"]] = base64.b64decode(smallest["saved"])
        own = {key: text(smallest[key]) for key in ("case", "snippet", "reason") if key in smallest}
        own["where"] = smallest.get("where")  # not in a journal of 0.1.0
        contents["smallest"] = verdict | {"rebuild": None} | own
    return contents


def _file_name(finding: Mapping[str, Any]) -> str:
    """Letters of the implementation's name, and digits for all that makes it another finding."""
    name, names = finding["implementation"], finding["diagnosis"]["names"]
    key = json.dumps([name, finding["kind"], finding["what"], finding["place"], names])
    return f"{file_name(name, key)}.case"


def _run(journal: Journal, verdicts: int) -> Document:
    """Gathers what another run of the same plan may change: time, memory and versions."""
    last = max(journal.shard_numbers(), default=-1)
    order = [shard.group for shard in islice(shards(journal.plan), last + 1)]
    spent, worker_seconds, memory = journal.running_seconds(), 0.0, []
    versions: dict[str, Counter[str]] = {}
    for row in journal.rows():
        worker_seconds += row["seconds"]
        memory.append([row["spent"], order[row["shard"]], row["memory"] >> 20])
        for name, value in texts(row["versions"]).items():
            versions.setdefault(name, Counter())[value] += 1
    return {
        "verdicts_per_second": verdicts / spent if spent else 0.0,
        "worker_seconds": worker_seconds,
        "groups": {group: list(names) for group, names in groups(journal.plan).items()},
        "memory": sorted(memory),
        "peak_mebibytes": max((mebibytes for *_, mebibytes in memory), default=0),
        "changed": {name: dict(counts) for name, counts in versions.items() if len(counts) > 1},
    }
