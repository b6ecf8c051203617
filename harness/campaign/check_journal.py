"""Whether a journal is as it was written. It may be cut off, damaged, altered, newer, or something else altogether."""

import json
import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path

from harness.campaign.journal import SCHEMA, Journal, Unusable
from harness.campaign.plan import LARGEST, shards
from harness.campaign.result import totals


def check_file(path: Path, connection: sqlite3.Connection) -> None:
    """Raises Unusable for a newer one, sqlite3.Error where pages are missing or not as they were."""
    with closing(connection.execute("PRAGMA user_version")) as rows:
        (version,) = rows.fetchone()
    if version > SCHEMA:
        raise Unusable(
            f"{path} has schema {version}, this version reads {SCHEMA}: use the newer rnn-parity that wrote it"
        )
    with closing(connection.execute("PRAGMA quick_check(1)")) as rows:
        (state,) = rows.fetchone()
    if state != "ok":
        raise sqlite3.DatabaseError(" ".join(state.split()))
    if version < 1:
        raise sqlite3.DatabaseError("it is empty, or no journal of a campaign")
    _check_length(path)


def _check_length(path: Path) -> None:
    """SQLite passes over an end that is missing where no row was. While there is a log beside it, the end may stand there."""
    log = Path(f"{path}-wal")
    if not log.exists() or log.stat().st_size == 0:
        with path.open("rb") as file:
            header = file.read(32)  # https://www.sqlite.org/fileformat.html, section 1.3
        whole = int.from_bytes(header[16:18], "big") * int.from_bytes(header[28:32], "big")
        if path.stat().st_size < whole:
            raise sqlite3.DatabaseError(f"it ends after {path.stat().st_size:,} of {whole:,} bytes")


def check_rows(journal: Journal) -> None:
    """Raises one of many errors where a row is not as it was written."""
    done = journal.shard_numbers()
    if not all(0 <= number <= len(done) + journal.plan.ahead for number in done):
        raise ValueError("it holds shards that the plan has not")
    if len(list(islice(shards(journal.plan), max(done, default=-1) + 1))) <= max(done, default=-1):
        raise ValueError("it holds more shards than the plan has")
    for name, tally in totals(journal)["implementations"].items():
        if tally.cases != tally.counts.total() or min(tally.counts.values(), default=0) < 0:
            raise ValueError(f"the cases of {name} do not add up")
        if any(failure["at"]["case"] < -len(journal.plan.examples) for failure in tally.failures):
            raise ValueError(f"a failure of {name} is on no case")
    for row in journal.rows():
        if not all(
            isinstance(row[name], int | float) and 0 <= row[name] < LARGEST
            for name in ("seconds", "memory", "spent")
        ):
            raise ValueError(f"shard {row['shard']} has no times")
    for name in ("versions", "environment"):
        if not isinstance(json.loads(journal.fact(name)), dict):
            raise ValueError(f"its {name} are no table")
    journal.investigation("")
