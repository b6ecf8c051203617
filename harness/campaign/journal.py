"""The journal: one SQLite file in WAL mode with a row for each shard, committed once.

Values are JSON and safetensors, never pickle.
"""

import json
import shlex
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock

from harness.campaign.plan import Plan

SCHEMA = 1
SUFFIX = ".campaign"
TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE shards (
    number INTEGER PRIMARY KEY, versions TEXT NOT NULL, result TEXT NOT NULL,
    seconds REAL NOT NULL, memory INTEGER NOT NULL, spent REAL NOT NULL,
    committed TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE looked (failure TEXT PRIMARY KEY, found TEXT NOT NULL) WITHOUT ROWID;
"""


class Unusable(ValueError):
    """A journal, report, example or executor cannot be used; says why, and what to do."""


class Unwritable(RuntimeError):
    """A row could not be written: the disk is full, or the journal has disappeared."""


class Journal:
    """An open journal, for reading or for writing.

    Used as a context manager, it closes at the end, and others may write.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: FileLock | None) -> None:
        """For `harness.campaign.open_journal` alone."""
        self.path, self._connection, self._lock = path, connection, lock
        self._file = path.stat().st_ino
        self.plan = Plan.from_json(json.loads(self.fact("plan")))

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        if self._lock:
            self._lock.release()

    @property
    def name(self) -> str:
        """The campaign's name on the command line."""
        return str(self.path.with_suffix(""))

    @property
    def shell_name(self) -> str:
        """The name, to be pasted behind a command."""
        return ("-- " if self.name.startswith("-") else "") + shlex.quote(self.name)

    def fact(self, name: str, default: str = "{}") -> str:
        """Returns a fact of the campaign as JSON."""
        value = self._value("SELECT value FROM facts WHERE name = ?", name)
        return default if value is None else str(value)

    def set_fact(self, name: str, value: str) -> None:
        """Stores a fact, in place of an earlier one of its name."""
        self._write(
            "INSERT INTO facts VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def commit(self, number: int, result: dict[str, Any], spent: float) -> None:
        """Stores a shard's result, after the campaign has run for `spent` seconds.

        Raises Unwritable, also for a shard that is there already.
        """
        content = json.dumps({name: result[name] for name in ("tables", "coverage", "part")})
        versions = json.dumps(result["versions"], sort_keys=True)
        self._write(
            "INSERT INTO shards (number, versions, result, seconds, memory, spent) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (number, versions, content, result["seconds"], result["memory"], spent),
        )

    def shard_numbers(self) -> set[int]:
        """Returns the numbers of the committed shards."""
        return {number for (number,) in self._connection.execute("SELECT number FROM shards")}

    def running_seconds(self) -> float:
        """Returns the seconds for which the campaign has run, over all resumes."""
        return float(self._value("SELECT coalesce(max(spent), 0) FROM shards"))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yields the committed shards by number."""
        rows = self._connection.execute("SELECT * FROM shards ORDER BY number")
        for number, versions, result, *run in rows:
            figures = dict(zip(("seconds", "memory", "spent", "committed"), run, strict=True))
            yield {
                "shard": number,
                "versions": json.loads(versions),
                **json.loads(result),
                **figures,
            }

    def investigation(self, failure: str) -> dict[str, Any] | None:
        """Returns the stored outcome of an investigation into the failure, or None."""
        value = self._value("SELECT found FROM looked WHERE failure = ?", failure)
        return None if value is None else json.loads(value)

    def set_investigation(self, failure: str, outcome: dict[str, Any]) -> None:
        """Stores the outcome of an investigation."""
        self._write("INSERT INTO looked VALUES (?, ?)", (failure, json.dumps(outcome)))

    def _value(self, query: str, *values: str) -> Any:
        row = self._connection.execute(query, values).fetchone()
        return row[0] if row else None

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        if not self.path.exists() or self.path.stat().st_ino != self._file:
            raise Unwritable(
                f"{self.path} was removed, renamed or replaced while the campaign ran; "
                "what was committed is in that file"
            )
        try:
            with self._connection:
                self._connection.execute(statement, values)
        except sqlite3.IntegrityError as error:
            raise Unwritable(
                f"{self.path} is written by another run: end one of them; no shard is counted twice"
            ) from error
        except sqlite3.OperationalError as error:
            trouble, remedy = f"cannot grow ({error})", "make room"
            if "locked" in str(error):
                trouble, remedy = "is locked by another program", "end that"
            raise Unwritable(
                f"{self.path} {trouble}: {len(self.shard_numbers()):,} shards are committed and "
                f"safe; {remedy}, then: rnn-parity campaign resume {self.shell_name}"
            ) from error
