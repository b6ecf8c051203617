"""The journal: one SQLite file in WAL mode, a row for each shard that is done, committed once. JSON and safetensors, never pickle."""

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
    seconds REAL NOT NULL, memory INTEGER NOT NULL, spent REAL NOT NULL, committed TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE looked (failure TEXT PRIMARY KEY, found TEXT NOT NULL) WITHOUT ROWID;
"""


class Unusable(ValueError):
    """The journal cannot be used; the sentence says why, and what to do."""


class Unwritable(RuntimeError):
    """A row could not be written: there is no room, or no journal any more."""


class Journal:
    """An open journal, for one who writes or for one who reads; as a context manager it lets others write afterwards."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: FileLock | None) -> None:
        """Not to be called: see `harness.campaign.open_journal`."""
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
        """What the command line calls it."""
        return str(self.path.with_suffix(""))

    @property
    def shell_name(self) -> str:
        """The name as it is pasted behind a command."""
        return ("-- " if self.name.startswith("-") else "") + shlex.quote(self.name)

    def fact(self, name: str, default: str = "{}") -> str:
        """A fact of the campaign's, as it was set."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else default

    def set_fact(self, name: str, value: str) -> None:
        """Keeps a fact."""
        self._write(
            "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def commit(self, number: int, result: dict[str, Any], spent: float) -> None:
        """The shard is done; the campaign had run for so many seconds. Raises Unwritable, also the second time."""
        kept = {name: result[name] for name in ("tables", "coverage", "part")}
        values = (
            number,
            json.dumps(result["versions"], sort_keys=True),
            json.dumps(kept),
            result["seconds"],
            result["memory"],
            spent,
        )
        self._write(
            "INSERT INTO shards (number, versions, result, seconds, memory, spent) VALUES (?, ?, ?, ?, ?, ?)",
            values,
        )

    def shard_numbers(self) -> set[int]:
        """Numbers of the shards that are done."""
        return {number for (number,) in self._connection.execute("SELECT number FROM shards")}

    def running_seconds(self) -> float:
        """Seconds for which the campaign has run, over all resumes."""
        return float(
            self._connection.execute("SELECT coalesce(max(spent), 0) FROM shards").fetchone()[0]
        )

    def rows(self) -> Iterator[dict[str, Any]]:
        """The shards that are done, in their order."""
        for number, versions, result, *run in self._connection.execute(
            "SELECT * FROM shards ORDER BY number"
        ):
            told = dict(zip(("seconds", "memory", "spent", "committed"), run, strict=True))
            yield {"shard": number, "versions": json.loads(versions), **json.loads(result), **told}

    def investigation(self, failure: str) -> dict[str, Any] | None:
        """What was found when the failure was looked into."""
        row = self._connection.execute(
            "SELECT found FROM looked WHERE failure = ?", (failure,)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def set_investigation(self, failure: str, found: dict[str, Any]) -> None:
        """Keeps what was found."""
        self._write("INSERT INTO looked VALUES (?, ?)", (failure, json.dumps(found)))

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        if not self.path.exists() or self.path.stat().st_ino != self._file:
            raise Unwritable(
                f"{self.path} was removed, renamed or replaced while the campaign ran; what was committed is in that file"
            )
        try:
            with self._connection:
                self._connection.execute(statement, values)
        except sqlite3.IntegrityError as error:
            raise Unwritable(
                f"{self.path} is written by another run: end one of them; no shard is counted twice"
            ) from error
        except sqlite3.OperationalError as error:
            locked = "locked" in str(error)
            what, mend = (
                ("is locked by another program", "end that")
                if locked
                else (f"cannot grow ({error})", "make room")
            )
            raise Unwritable(
                f"{self.path} {what}: {len(self.shard_numbers()):,} shards are committed and safe; "
                f"{mend}, then: rnn-parity campaign resume {self.shell_name}"
            ) from error
