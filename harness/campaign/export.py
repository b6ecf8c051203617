"""A journal as rows for other programs: one for each shard, then one for each finding."""

from collections.abc import Iterator
from typing import Any

from harness.campaign.journal import Journal
from harness.campaign.report import document, findings_of


def rows(journal: Journal) -> Iterator[dict[str, Any]]:
    """Shards have the key `shard`, findings the key `finding`."""
    for row in journal.rows():
        tables = row["tables"]
        yield {
            "shard": row["shard"],
            "seed": journal.plan.seed,
            "cases": sum(table["cases"] for table in tables.values()),
            "versions": row["versions"],
            "counts": {
                name: {"cases": table["cases"], **table["counts"]} for name, table in tables.items()
            },
            "worst_ratio": {name: table["worst_ratio"] for name, table in tables.items()},
            "part": row["part"],
            "seconds": row["seconds"],
            "memory": row["memory"],
            "committed": row["committed"],
        }
    for finding in findings_of(document(journal)[0]):
        yield {"finding": finding}
