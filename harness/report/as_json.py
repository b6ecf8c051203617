"""A report as JSON: everything that it adds up, under a number that says which fields there are.

`schema-1.json` beside this file describes schema 1. Fields are only ever added to it; one that is renamed, removed or means something
else makes schema 2. JSON has no NaN and no infinity: a number that is none is one of the words "NaN", "Infinity" and "-Infinity".
"""

import json
import math
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

from harness.judge.verdict import Place, Verdict
from harness.mistakes.sight import Sight
from harness.runs.findings import Finding
from harness.runs.ledger import differences
from harness.runs.report import Report
from harness.runs.summary import Summary
from references import REFERENCES

SCHEMA = 1


def as_json(report: Report) -> str:
    """The report as one JSON document, in ASCII, with a newline at its end."""
    return json.dumps(document(report), indent=1, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every document of this version fits."""
    found: dict[str, Any] = json.loads(
        (files("harness.report") / f"schema-{SCHEMA}.json").read_text(encoding="utf-8")
    )
    return found


def document(report: Report) -> dict[str, Any]:
    """The report as dictionaries, lists, text, whole numbers, finite numbers, True, False and None."""
    distributions = (
        "python",
        "numpy",
        *(name for reference in REFERENCES.values() for name in reference.needs),
    )
    return {
        "schema": SCHEMA,
        "tool": {"name": "rnn-parity", "version": own_version()},
        "versions": {
            name: text(report.environment[name])
            for name in distributions
            if name in report.environment
        },
        "environment": {text(name): text(value) for name, value in report.environment.items()},
        "seed": report.seed,
        "cases": report.cases,
        "limits": {
            name: list(value) if isinstance(value, tuple | list) else value
            for name, value in report.limits.items()
        },
        "seconds": number(report.seconds),
        "exit": report.exit_status,
        "sentence": text(report.sentence),
        "interrupted": report.interrupted,
        "notes": [text(note) for note in report.notes],
        "implementations": [_implementation(summary, report) for summary in report.summaries],
    }


def own_version() -> str:
    """The version of rnn-parity, or "unknown" where it runs without being installed."""
    try:
        return version("rnn-parity")
    except PackageNotFoundError:
        return "unknown"


def number(value: float) -> float | str:
    """The number, or the word for one that JSON lacks."""
    value = float(value)
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def text(value: object) -> str:
    """Text that every reader of JSON takes: half a surrogate pair becomes its escape."""
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def _implementation(summary: Summary, report: Report) -> dict[str, Any]:
    found, sight = report.findings.get(summary.name), report.sights.get(summary.name)
    return {
        "name": text(summary.name),
        "exit": summary.exit_status,
        "counts": _counted(summary.counts),
        "outputs": summary.outputs,
        "exact": summary.exact,
        "undecided": summary.undecided,
        "worst_ratio": number(summary.worst_ratio),
        "sight": _sight(sight, summary.blind) if sight and sight.applicable else None,
        "refusals": _counted(summary.refusals),
        "known": [known(id, count) for id, count in summary.known.items()],
        "findings": [_finding(found)] if found else [],
    }


def _counted(counts: Mapping[str, int]) -> dict[str, int]:
    """Added up again, since two names may be told apart by what JSON cannot hold alone."""
    added: dict[str, int] = {}
    for name, count in counts.items():
        added[text(name)] = added.get(text(name), 0) + count
    return added


def _sight(sight: Sight, blind: bool) -> dict[str, Any]:
    unseen = {name: text(reason) for name, reason in sight.missed.items()}
    return {
        "caught": len(sight.caught),
        "applicable": sight.applicable,
        "median_cases": number(sight.median),
        "blind": blind,
        "unseen": unseen,
    }


def known(id: str, count: int) -> dict[str, Any]:
    """What is told of a known difference that was met."""
    entry = next(difference for difference in differences() if difference.id == id)
    return {"id": id, "count": count, "observed": entry.observed, "upstream": entry.upstream}


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "count": found.count,
        "diagnosis": {"mistakes": list(found.diagnosis.names), "sentence": text(found.diagnosis)},
        "first": _verdict(found.first),
        "smallest": _verdict(found.small),
        "saved": text(found.saved) if found.saved else None,
        "unsaved": text(found.unsaved) if found.unsaved else None,
        "text": text(found),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "kind": verdict.kind,
        "reason": text(verdict.reason),
        "case": text(repr(verdict.case)),
        "rebuild": text(verdict.case.origin) or None,
        "ratio": number(verdict.worst_ratio),
        "where": _place(verdict.first) if verdict.first else None,
    }


def _place(place: Place) -> dict[str, Any]:
    numbers = {
        name: number(getattr(place, name))
        for name in ("actual", "expected", "allowed", "ulp", "ratio")
    }
    return {
        name: int(getattr(place, name)) for name in ("layer", "direction", "batch", "time", "unit")
    } | numbers
