"""Makes the document that `verify --json` and a campaign's report.json are, under one schema.

`schema-2.json` beside this file describes schema 2. Fields are only ever added to it; one that is
renamed, removed or means something else makes schema 3. JSON has no NaN and no infinity: a number
that is none is one of the words "NaN", "Infinity" and "-Infinity".
"""

import json
import math
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

from harness.draw.limits import DEFAULTS
from harness.implementations.names import cell_of
from harness.judge.calls.crash import CrashPlace
from harness.judge.verdict import COORDINATES, Place, Verdict
from harness.mistakes.sight import Sight
from harness.runs.deviations import Deviation, entry_of
from harness.runs.findings import Finding
from harness.runs.ledger import Difference
from harness.runs.report import Report
from harness.runs.scope import Scope
from harness.runs.summary import Summary
from references import REFERENCES

SCHEMA = 2
Document = dict[str, Any]


def as_json(report: Report) -> str:
    """Returns the report as one JSON document, in ASCII, with a newline at its end."""
    return to_text(document(report))


def to_text(document: Document) -> str:
    """Returns a document as text. Raises ValueError for a number that JSON lacks."""
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def schema() -> Document:
    """Reads the JSON Schema (draft 2020-12) that every document of this version fits."""
    path = files("harness.report") / f"schema-{SCHEMA}.json"
    contents: Document = json.loads(path.read_text(encoding="utf-8"))
    return contents


def document(report: Report, kind: str = "verify") -> Document:
    """Returns the report as dictionaries, lists, text, numbers, True, False and None."""
    environment = texts(report.environment)
    packages = [name for reference in REFERENCES.values() for name in reference.needs]
    names = ("python", "numpy", *packages)
    limits = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in report.limits.items()
    }
    return {
        "schema": SCHEMA,
        "kind": kind,
        "tool": {"name": "rnn-parity", "version": own_version()},
        "versions": {name: environment[name] for name in names if name in environment},
        "environment": environment,
        "seed": report.seed,
        "cases": report.cases,
        "large_cases": report.large,
        "cases_of_cells": dict(report.shares),
        "limits": limits,
        "seconds": number(report.seconds),
        "exit": report.exit_status,
        "sentence": text(report.sentence),
        "interrupted": report.interrupted,
        "notes": [text(note) for note in report.notes],
        "deviations": list(map(_deviation, report.deviations)),
        "implementations": [_implementation(summary, report) for summary in report.summaries],
    }


def own_version() -> str:
    """Returns the version of rnn-parity, or "unknown" where it runs without being installed."""
    try:
        return version("rnn-parity")
    except PackageNotFoundError:
        return "unknown"


def number(value: float) -> float | str:
    """Returns the number, or the word for one that JSON lacks."""
    value = float(value)
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else f"{'-' * (value < 0)}Infinity"


def text(value: object) -> str:
    """Returns text that every reader of JSON takes: half a surrogate pair becomes its escape."""
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def texts(values: Mapping[Any, Any]) -> dict[str, str]:
    """Returns names and values as such text."""
    return {text(name): text(value) for name, value in values.items()}


def sight_table(sight: Sight) -> Document:
    """Returns which known mistakes the cases would have caught, and why they missed the others."""
    return {
        "caught": len(sight.caught),
        "applicable": sight.applicable,
        "median_cases": number(sight.median),
        "blind": sight.blind,
        "missed": texts(sight.missed),
        "untried": len(sight.untried),
        "sentence": text(sight),
    }


def _implementation(summary: Summary, report: Report) -> Document:
    sight, scope = report.sights.get(summary.name), report.scopes.get(summary.name)
    return {
        "name": text(summary.name),
        "cell": cell_of(summary.name) or _only_cell(report.limits),
        "cells": dict(summary.cells),
        "exit": summary.exit_status,
        "counts": dict(summary.counts),
        "outputs": summary.outputs,
        "exact": summary.exact,
        "undecided": summary.undecided,
        "wider": summary.wider,
        "by_last_outputs": summary.by_last_outputs,
        "by_sample": summary.by_sample,
        "worst_ratio": number(summary.worst_ratio),
        "reach": dict(summary.reach),
        "reach_of_large": dict(summary.large),
        "never_tried": report.untried.get(summary.name, 0),
        "sight": sight_table(sight) if sight and sight.applicable else None,
        "uses_answer": _uses(summary.name, report),
        "scope": _scope(scope) if scope else None,
        "refusals": _refusals(summary.refusals),
        "known": [
            _known(entry_of(id, report.deviations), n) for id, n in sorted(summary.known.items())
        ],
        "findings": [_finding(finding) for finding in report.findings.get(summary.name, ())],
    }


def _only_cell(limits: Mapping[str, Any]) -> str | None:
    """Returns the one cell that is drawn within these limits; None where there are several."""
    cells = limits.get("cell", DEFAULTS["cell"])
    names = {cells} if isinstance(cells, str) else set(cells)
    return str(names.pop()) if len(names) == 1 else None


def _uses(name: str, report: Report) -> list[Document] | None:
    if report.uses is None:
        return None
    return [
        {"module": use.module, "file": text(use.file), "line": use.line}
        for use in report.uses.get(name, ())
    ]


def _scope(scope: Scope) -> Document:
    return {
        "judged": scope.judged,
        "refused": list(map(text, scope.refused)),
        "missing": list(map(text, scope.missing)),
        "gap": text(scope.gap) or None,
    }


def _refusals(reasons: Mapping[str, int]) -> dict[str, int]:
    """Puts the most frequent first; adds up reasons that differ only in what JSON cannot hold."""
    counts: dict[str, int] = {}
    for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        counts[text(reason)] = counts.get(text(reason), 0) + count
    return counts


def _known(entry: Difference, count: int) -> Document:
    observed, upstream = text(entry.observed), text(entry.upstream)
    return {"id": text(entry.id), "count": count, "observed": observed, "upstream": upstream}


def _deviation(deviation: Deviation) -> Document:
    entry = deviation.entry
    return {
        "id": text(entry.id),
        "implementations": list(map(text, entry.implementations)),
        "reason": text(entry.reason),
        "expires": str(deviation.expires) if deviation.expires else None,
        "versions": texts(entry.versions),
        "deviation": entry.deviation,
        "activation_error": entry.activation_error,
        "state": deviation.state,
        "sentence": text(deviation.sentence),
        "met": deviation.hits,
        "agreed": deviation.agreed,
    }


def _finding(finding: Finding) -> Document:
    diagnosis = finding.diagnosis
    return {
        "implementation": text(finding.first.implementation),
        "count": finding.count,
        "diagnosis": {"mistakes": list(diagnosis.names), "sentence": text(diagnosis)},
        "first": _verdict(finding.first),
        "smallest": _verdict(finding.small),
        "saved": text(finding.saved) if finding.saved else None,
        "unsaved": text(finding.unsaved) if finding.unsaved else None,
        "text": text(finding),
    }


def _verdict(verdict: Verdict) -> Document:
    case = verdict.case if verdict.phase == "run" else None
    return {
        "kind": verdict.kind,
        "phase": verdict.phase,
        "reason": text(verdict.reason),
        "case": text(repr(case)) if case else None,
        "rebuild": text(case.origin) or None if case else None,
        "ratio": number(verdict.worst_ratio),
        "deviation": number(verdict.deviation) if verdict.wrong else None,
        "where": place_table(verdict.first) if verdict.first else None,
        "raised_at": crash_table(verdict.crash),
    }


def crash_table(crash: CrashPlace | None) -> Document | None:
    """Returns the place of a crash; None where there is none."""
    if crash is None:
        return None
    table = crash._asdict()
    return {name: text(value) for name, value in table.items()} | {"line": crash.line}


def place_table(place: Place) -> Document:
    """Returns the coordinates of an output, and its value beside what is allowed there."""
    numbers = ("actual", "expected", "allowed", "ulp", "ratio")
    coordinates: Document = {name: int(getattr(place, name)) for name in COORDINATES}
    state = {"state": place.state}
    return coordinates | state | {name: number(getattr(place, name)) for name in numbers}
