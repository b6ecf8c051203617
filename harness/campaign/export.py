"""Exports a journal as rows for other programs."""

from collections.abc import Iterator
from typing import Any

from harness.campaign.journal import Journal
from harness.campaign.report import document, findings_of
from harness.report.as_json import number


def rows(journal: Journal) -> Iterator[dict[str, Any]]:
    """Yields a row with the key `shard` for each shard, then a row `finding` for each finding."""
    for row in journal.rows():
        tables = row["tables"].items()
        yield {
            "shard": row["shard"],
            "seed": journal.plan.seed,
            "cases": sum(table["cases"] for _, table in tables),
            "versions": row["versions"],
            "counts": {
                name: {"cases": table["cases"], **table["counts"]} for name, table in tables
            },
            "worst_ratio": {name: number(table["worst_ratio"]) for name, table in tables},
            **{key: row[key] for key in ("part", "seconds", "memory", "committed")},
        }
    for finding in findings_of(document(journal)[0]):
        yield {"finding": finding}
