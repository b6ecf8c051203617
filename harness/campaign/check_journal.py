"""Checks that a journal is as it was written: whole, undamaged, unaltered, of this version."""

import json
import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from harness.campaign.journal import SCHEMA, Journal, Unusable
from harness.campaign.plan import LARGEST, shards
from harness.campaign.result import totals


def check_file(path: Path, connection: sqlite3.Connection) -> None:
    """Raises Unusable for a newer schema, sqlite3.Error for lost or damaged pages."""
    version = _pragma(connection, "user_version")
    if version > SCHEMA:
        raise Unusable(
            f"{path} has schema {version}, this version reads {SCHEMA}: "
            "use the newer rnn-parity that wrote it"
        )
    state = _pragma(connection, "quick_check(1)")
    if state != "ok":
        raise sqlite3.DatabaseError(" ".join(state.split()))
    if version < 1:
        raise sqlite3.DatabaseError("it is empty, or no journal of a campaign")
    _check_length(path)


def _pragma(connection: sqlite3.Connection, name: str) -> Any:
    with closing(connection.execute(f"PRAGMA {name}")) as rows:
        return rows.fetchone()[0]


def _check_length(path: Path) -> None:
    """Compares the file's length with its header's: SQLite misses a lost end without rows.

    While a log is beside the file, the end may be in the log.
    """
    log = Path(f"{path}-wal")
    if log.exists() and log.stat().st_size:
        return
    with path.open("rb") as file:
        header = file.read(32)  # https://www.sqlite.org/fileformat.html, section 1.3
    whole = int.from_bytes(header[16:18], "big") * int.from_bytes(header[28:32], "big")
    if path.stat().st_size < whole:
        raise sqlite3.DatabaseError(f"it ends after {path.stat().st_size:,} of {whole:,} bytes")


def check_rows(journal: Journal) -> None:
    """Raises one of many errors for a row that the campaign cannot have written."""
    plan, numbers = journal.plan, journal.shard_numbers()
    last = max(numbers, default=-1)
    if not all(0 <= number <= len(numbers) + plan.ahead for number in numbers):
        raise ValueError("it holds shards that the plan has not")
    if len([*islice(shards(plan), last + 1)]) <= last:
        raise ValueError("it holds more shards than the plan has")
    for name, tally in totals(journal)["implementations"].items():
        if tally.cases != tally.counts.total() or min(tally.counts.values(), default=0) < 0:
            raise ValueError(f"the cases of {name} do not add up")
        if any(failure["at"]["case"] < -len(plan.examples) for failure in tally.failures):
            raise ValueError(f"a failure of {name} is on no case")
    for row in journal.rows():
        figures = [row[name] for name in ("seconds", "memory", "spent")]
        if not all(isinstance(figure, int | float) and 0 <= figure < LARGEST for figure in figures):
            raise ValueError(f"shard {row['shard']} has no times")
    for name in ("versions", "environment"):
        if not isinstance(json.loads(journal.fact(name)), dict):
            raise ValueError(f"its {name} are no table")
    journal.investigation("")
