"""The journal: one SQLite file in WAL mode with a row for each shard, committed once.

Values are JSON and safetensors, never pickle. Every row has a checksum over all of it and over the
plan, so that none can be altered, moved or taken from another journal unnoticed.
"""

import hashlib
import json
import shlex
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from harness.campaign.fields import (
    OUTCOMES,
    RESULT,
    TEXTS,
    Damage,
    check,
    figure,
    one_of,
    read,
    whole,
)
from harness.campaign.plan import Plan
from harness.printable import how_many, one_line

SCHEMA = 2
SUFFIX = ".campaign"
TABLES = """
CREATE TABLE facts (
    name TEXT PRIMARY KEY, value TEXT NOT NULL, checksum TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE shards (
    number INTEGER PRIMARY KEY, versions TEXT NOT NULL, result TEXT NOT NULL,
    seconds REAL NOT NULL, memory INTEGER NOT NULL, spent REAL NOT NULL,
    committed TEXT NOT NULL, checksum TEXT NOT NULL
);
CREATE TABLE looked (
    failure TEXT PRIMARY KEY, found TEXT NOT NULL, checksum TEXT NOT NULL
) WITHOUT ROWID;
"""
RUN = {"seconds": figure, "memory": whole, "spent": figure, "committed": str}
COLUMNS = "number, versions, result, seconds, memory, spent, committed"


class NoCampaign(ValueError):
    """Says which journal, report, example or executor cannot be used, why, and what to do."""


class Unwritable(RuntimeError):
    """A row could not be written: the disk is full, or the journal has disappeared."""


def checksum(*values: object) -> str:
    """Returns the digest of a row's values, the name of the table first."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def shell_name(name: str) -> str:
    """A campaign's name, to be pasted behind a command."""
    return ("-- " if name.startswith("-") else "") + shlex.quote(name)


class Journal:
    """An open journal, for reading or for writing.

    Used as a context manager, it closes at the end, and others may write.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: FileLock | None) -> None:
        """For `harness.campaign.open_journal` alone."""
        self.path, self._connection, self._lock = path, connection, lock
        self._file = path.stat().st_ino
        self._plan, (self.schema,) = "", connection.execute("PRAGMA user_version").fetchone()
        text = self.fact("plan")
        self.plan = Plan.from_json(read(text, {str: object}, "its plan"))
        self._plan = checksum(text)

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
        return shell_name(self.name)

    def fact(self, name: str, default: str = "{}") -> str:
        """Returns a fact of the campaign as JSON."""
        row = self._row("value", "facts", "name", name)
        return default if row is None else str(row[0])

    def texts(self, name: str) -> dict[str, str]:
        """Returns a fact that is a table of texts. Raises Damage."""
        return dict(read(self.fact(name), TEXTS, f"its {name}"))

    def set_fact(self, name: str, value: str) -> None:
        """Stores a fact, in place of an earlier one of its name."""
        self._write(
            "INSERT INTO facts VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
            "value = excluded.value, checksum = excluded.checksum",
            (name, value, checksum("facts", self._plan, name, value)),
        )

    def commit(self, number: int, result: dict[str, Any], spent: float) -> None:
        """Stores a shard's result, after the campaign has run for `spent` seconds.

        Raises Unwritable, also for a shard that is there already.
        """
        content = json.dumps({name: result[name] for name in ("tables", "coverage", "part")})
        versions = json.dumps(result["versions"], sort_keys=True)
        run = float(result["seconds"]), int(result["memory"]), float(spent)
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        row = (number, versions, content, *run, now)
        self._write(
            "INSERT INTO shards VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, checksum("shards", self._plan, *row)),
        )

    def shard_numbers(self) -> set[int]:
        """Returns the numbers of the committed shards."""
        return {number for (number,) in self._connection.execute("SELECT number FROM shards")}

    @property
    def safe_shards(self) -> str:
        """Says how many shards no stop can lose."""
        count = len(self.shard_numbers())
        return f"{how_many(count, 'shard')} {'is' if count == 1 else 'are'} committed and safe"

    def running_seconds(self) -> float:
        """Returns the seconds for which the campaign has run, over all resumes."""
        (seconds,) = self._connection.execute("SELECT max(spent) FROM shards").fetchone()
        return float(seconds or 0)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yields the committed shards by number. Raises Damage for one that none has written."""
        query = f"SELECT {self._columns(COLUMNS)} FROM shards ORDER BY number"  # noqa: S608
        for *row, seal in self._connection.execute(query):
            where = f"shard {row[0]}"
            self._check(seal, where, "shards", *row)
            number, versions, result, *run = row
            figures = dict(zip(("seconds", "memory", "spent", "committed"), run, strict=True))
            check(figures, RUN, where)
            yield {
                "shard": number,
                "versions": read(versions, TEXTS, f"{where}.versions"),
                **read(result, RESULT, f"{where}.result"),
                **figures,
            }

    def investigation(self, failure: str) -> dict[str, Any] | None:
        """Returns the stored outcome of an investigation into the failure, or None."""
        row = self._row("found", "looked", "failure", failure)
        if row is None:
            return None
        kind, *_ = read(failure, [object], "the name of an investigation")
        check(kind, one_of(*OUTCOMES), "the kind of an investigation")
        return dict(read(row[0], OUTCOMES[kind], f"a {kind}"))

    def investigations(self) -> list[str]:
        """Returns the failures whose outcomes are stored."""
        return [failure for (failure,) in self._connection.execute("SELECT failure FROM looked")]

    def set_investigation(self, failure: str, outcome: dict[str, Any]) -> None:
        """Stores the outcome of an investigation."""
        row = failure, json.dumps(outcome)
        seal = checksum("looked", self._plan, *row)
        self._write("INSERT INTO looked VALUES (?, ?, ?)", (*row, seal))

    def _row(self, column: str, table: str, key: str, name: str) -> Any:
        """Returns the row of this name in a table of texts, checked; None where there is none."""
        query = f"SELECT {self._columns(column)} FROM {table} WHERE {key} = ?"  # noqa: S608
        row = self._connection.execute(query, (name,)).fetchone()
        if row:
            value, seal = row
            self._check(seal, f"{one_line(name, 60)} in {table}", table, name, value)
        return row

    def _columns(self, columns: str) -> str:
        """Adds the checksum, which a row of 0.1.0 lacks."""
        return f"{columns}, {'checksum' if self.schema > 1 else 'NULL'}"

    def _check(self, seal: object, where: str, table: str, *values: Any) -> None:
        """Raises Damage where a row is not as it was written."""
        if self.schema > 1 and seal != checksum(table, self._plan, *values):
            raise Damage(f"{where} was altered: its checksum does not fit its contents")

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        if not self.path.exists() or self.path.stat().st_ino != self._file:
            raise Unwritable(
                f"{self.path} was removed, renamed or replaced while the campaign ran; "
                "what was committed is in that file, if it still exists"
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
                f"{self.path} {trouble}: {self.safe_shards}; {remedy}, then: "
                f"rnn-parity campaign resume {self.shell_name}"
            ) from error
