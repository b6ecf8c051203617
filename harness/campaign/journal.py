"""The journal: one SQLite file in WAL mode, a row for each shard that is done, committed once. JSON and safetensors, never pickle."""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from harness.campaign.plan import Plan

SCHEMA = 1
SUFFIX = ".campaign"
NETWORK = frozenset(
    ("nfs", "nfs4", "sshfs", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "9p", "ceph", "lustre", "gpfs", "beegfs", "glusterfs")
)  # and fuse.NAME for each
TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE shards (
    number INTEGER PRIMARY KEY, versions TEXT NOT NULL, result TEXT NOT NULL,
    seconds REAL NOT NULL, memory INTEGER NOT NULL, spent REAL NOT NULL, committed TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE looked (failure TEXT PRIMARY KEY, found TEXT NOT NULL) WITHOUT ROWID;
"""


class Refused(ValueError):
    """The journal cannot be used; the sentence says why, and what to do."""


class Full(RuntimeError):
    """There was no room for a row; those before it are safe."""


class Journal:
    """An open journal, for one who writes or for one who reads; as a context manager it lets others write afterwards."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: FileLock | None) -> None:
        """Not to be called: see `begun`, `opened` and `read`."""
        self.path, self._connection, self._lock = path, connection, lock
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

    def fact(self, name: str, default: str = "{}") -> str:
        """A fact of the campaign's, as it was set."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else default

    def set_fact(self, name: str, value: str) -> None:
        """Keeps a fact."""
        self._write("INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value))

    def commit(self, number: int, result: dict[str, Any], seconds: float, spent: float) -> None:
        """The shard is done: in so many `seconds`, when the campaign had run for `spent`. Raises Full, IntegrityError the second time."""
        kept = {name: result[name] for name in ("tables", "coverage", "part")}
        values = (number, json.dumps(result["versions"], sort_keys=True), json.dumps(kept), seconds, result["memory"], spent)
        self._write("INSERT INTO shards (number, versions, result, seconds, memory, spent) VALUES (?, ?, ?, ?, ?, ?)", values)

    def done(self) -> set[int]:
        """Numbers of the shards that are done."""
        return {number for (number,) in self._connection.execute("SELECT number FROM shards")}

    def spent(self) -> float:
        """Seconds for which the campaign has run, over all resumes."""
        return float(self._connection.execute("SELECT coalesce(max(spent), 0) FROM shards").fetchone()[0])

    def rows(self) -> Iterator[dict[str, Any]]:
        """The shards that are done, in their order."""
        for number, versions, result, *run in self._connection.execute("SELECT * FROM shards ORDER BY number"):
            told = dict(zip(("seconds", "memory", "spent", "committed"), run, strict=True))
            yield {"shard": number, "versions": json.loads(versions), **json.loads(result), **told}

    def looked(self, failure: str) -> dict[str, Any] | None:
        """What was found when the failure was looked into."""
        row = self._connection.execute("SELECT found FROM looked WHERE failure = ?", (failure,)).fetchone()
        return json.loads(row[0]) if row else None

    def set_looked(self, failure: str, found: dict[str, Any]) -> None:
        """Keeps what was found."""
        self._write("INSERT INTO looked VALUES (?, ?)", (failure, json.dumps(found)))

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        try:
            with self._connection:
                self._connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise Full(
                f"{self.path} cannot grow ({error}): {len(self.done()):,} shards are committed and safe; "
                f"make room, then: rnn-parity campaign resume {self.name}"
            ) from error


def path_of(name: str) -> Path:
    """The journal of the campaign of this name."""
    return Path(name if name.endswith(SUFFIX) else f"{name}{SUFFIX}")


def check_new(path: Path) -> None:
    """Raises Refused where a journal cannot be begun, as far as can be known without writing."""
    if path.name == SUFFIX:
        raise Refused(f"{str(path)[: -len(SUFFIX)]!r} is no name for a campaign; expected a file's name, as in friday or runs/friday")
    if path.exists():
        raise Refused(f"{path} is there already: rnn-parity campaign resume {path.with_suffix('')} goes on with it; or take another name")


def begun(path: Path, plan: Plan, facts: Mapping[str, Mapping[str, str]]) -> Journal:
    """A new journal, with facts by name, for one who writes. Raises Refused."""
    check_new(path)
    lock = _locked(path)
    try:
        connection = sqlite3.connect(path, timeout=30)
        connection.execute("PRAGMA journal_mode = WAL")
        with connection:
            connection.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {SCHEMA};")
            named = {"plan": plan.to_json(), **facts}
            connection.executemany("INSERT INTO facts VALUES (?, ?)", ((name, json.dumps(value)) for name, value in named.items()))
        return Journal(path, connection, lock)
    except sqlite3.Error as error:
        lock.release()
        path.unlink(missing_ok=True)
        raise Refused(f"{path} cannot be written: {error}") from error


def opened(path: Path) -> Journal:
    """The journal, for one who goes on writing. Raises Refused."""
    _check_place(path)
    lock = _locked(path)
    try:
        with read(path):  # all of it is looked at before anything is written
            pass
        return Journal(path, sqlite3.connect(path, timeout=30), lock)
    except Refused:
        lock.release()
        raise


def read(path: Path) -> Journal:
    """The journal, for one who reads, also while another writes. Raises Refused."""
    _check_place(path)
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)
        try:
            _check(path, connection)
            return Journal(path, connection, None)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, KeyError, TypeError, json.JSONDecodeError) as error:
        raise Refused(
            f"{path} is cut off or damaged ({error}); nothing was written to it. Copy it, then `sqlite3 {path} .recover | "
            f"sqlite3 mended{SUFFIX}` saves what can be read; or start again under another name: the same command gives the same result"
        ) from error


def drive(path: Path) -> str:
    """The kind of file system that holds the path, as the system calls it."""
    where = Path(os.path.realpath(path))
    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounts[folder].lower() for folder in (where, *where.parents) if folder in mounts), "")


def _check_place(path: Path) -> None:
    if not path.is_file():
        raise Refused(f"there is no campaign {path.with_suffix('')}: {path} does not exist")


def _check(path: Path, connection: sqlite3.Connection) -> None:
    with closing(connection.execute("PRAGMA user_version")) as rows:
        (version,) = rows.fetchone()
    if version > SCHEMA:
        raise Refused(f"{path} has schema {version}, this version reads {SCHEMA}: use the newer rnn-parity that wrote it")
    with closing(connection.execute("PRAGMA quick_check(1)")) as rows:
        (state,) = rows.fetchone()
    if state != "ok":
        raise sqlite3.DatabaseError(" ".join(state.split()))
    if version < 1:
        raise sqlite3.DatabaseError("it is empty, or no journal of a campaign")


def _locked(path: Path) -> FileLock:
    """Raises Refused where another run writes, or nobody can, or SQLite's locks cannot be trusted."""
    if (kind := drive(path)).removeprefix("fuse.") in NETWORK:
        raise Refused(f"{path} is on a network drive ({kind}), where SQLite's locks cannot be trusted: choose a name on a local disk")
    lock = FileLock(f"{path}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        name = path.with_suffix("")
        raise Refused(f"{path} is being written by another run; rnn-parity campaign show {name} reads it all the while") from error
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from error
    return lock
