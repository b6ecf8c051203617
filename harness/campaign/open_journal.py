"""Begins, opens and reads journals: what cannot be used is refused with a sentence, and left as it is."""

import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from harness.campaign.check_journal import check_file, check_rows
from harness.campaign.journal import SCHEMA, SUFFIX, TABLES, Journal, Unusable
from harness.campaign.plan import Plan
from harness.report.foreign import one_line

NETWORK = frozenset(
    (
        "nfs",
        "nfs4",
        "sshfs",
        "cifs",
        "smb2",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "9p",
        "ceph",
        "lustre",
        "gpfs",
        "beegfs",
        "glusterfs",
    )
)  # and fuse.NAME for each


def path_of(name: str) -> Path:
    """The journal of the campaign of this name."""
    return Path(name if name.endswith(SUFFIX) else f"{name}{SUFFIX}")


def check_new(path: Path) -> None:
    """Raises Unusable where a campaign cannot be begun, as far as can be known without writing."""
    name = str(path)[: -len(SUFFIX)]
    if path.name == SUFFIX or not name.isprintable():
        raise Unusable(
            f"{name!r} is no name for a campaign; expected a file's name, as in friday or runs/friday"
        )
    report = path.with_suffix(".report")
    try:
        if path.exists() or path.is_symlink():
            raise Unusable(
                f"{path} is there already: rnn-parity campaign resume {name} goes on with it; or take another name"
            )
        if report.exists() and not report.is_dir():
            raise Unusable(
                f"{report} is there already, and no folder: the report would be written there; take another name"
            )
        check_folder(report)
    except OSError as error:
        raise Unusable(f"{one_line(str(path), 200)} cannot be written: {error.strerror}") from error


def check_folder(report: Path) -> None:
    """Raises Unusable where a report would overwrite what is none."""
    if (report / "report.html").is_file() and not (report / "report.json").exists():
        raise Unusable(
            f"{report} holds a report.html that is no campaign's: it would be overwritten; take another name"
        )


def begin(path: Path, plan: Plan, facts: Mapping[str, Mapping[str, str]]) -> Journal:
    """A new journal, with facts by name, for one who writes. Raises Unusable."""
    check_new(path)
    lock = _locked(path)
    new = path.with_name(
        f"{path.name}.new"
    )  # it gets its name when it is whole, for those who kill
    try:
        check_new(path)  # by now another may have begun it
        _remove(
            new, *_logs(new), *_logs(path)
        )  # SQLite would take the rows of a log that a removed journal has left for this one's
        with closing(sqlite3.connect(new)) as connection, connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {SCHEMA};")
            named = {"plan": plan.to_json(), **facts}
            connection.executemany(
                "INSERT INTO facts VALUES (?, ?)",
                ((name, json.dumps(value)) for name, value in named.items()),
            )
        new.rename(path)
        return Journal(path, sqlite3.connect(path, timeout=30), lock)
    except (Unusable, OSError, sqlite3.Error) as error:
        lock.release()
        _remove(new, *_logs(new))
        if isinstance(error, Unusable):
            raise
        raise Unusable(
            f"{path} cannot be written: {getattr(error, 'strerror', None) or error}"
        ) from error


def _logs(path: Path) -> list[Path]:
    """What SQLite keeps beside a file that is open, or was when its process was killed."""
    return [path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm", "-journal")]


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def reopen(path: Path) -> Journal:
    """The journal, for one who goes on writing. Raises Unusable."""
    _check_place(path)
    lock = _locked(path)
    try:
        with read(path):  # all of it is looked at before anything is written
            pass
        return Journal(path, sqlite3.connect(path, timeout=30), lock)
    except Unusable:
        lock.release()
        raise


def read(path: Path) -> Journal:
    """The journal, for one who reads, also while another writes. Raises Unusable."""
    _check_place(path)
    alone = (
        not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    )  # SQLite would make files beside it
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' * alone}", uri=True, timeout=30
        )
        try:
            check_file(path, connection)
            journal = Journal(path, connection, None)
            check_rows(journal)
            return journal
        except BaseException:
            connection.close()
            raise
    except Unusable:
        raise
    except (
        sqlite3.Error,
        ArithmeticError,
        LookupError,
        TypeError,
        AttributeError,
        ValueError,
        RecursionError,
    ) as error:
        raise Unusable(
            f"{path} is cut off or damaged ({one_line(str(error), 200)}); nothing was written to it. Copy it, then `sqlite3 {path} "
            f".recover | sqlite3 mended{SUFFIX}` saves what can be read; or start again under another name: the same command gives the "
            "same result"
        ) from error


def drive(path: Path) -> str:
    """The kind of file system that holds the path, as the system calls it."""
    where = Path(os.path.realpath(path))
    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next(
        (mounts[folder].lower() for folder in (where, *where.parents) if folder in mounts), ""
    )


def _check_place(path: Path) -> None:
    try:
        if not path.is_file():
            raise Unusable(
                f"there is no campaign {path.with_suffix('')}: {path} {'is no file' if path.exists() else 'does not exist'}"
            )
        path.open("rb").close()
    except OSError as error:
        raise Unusable(f"{one_line(str(path), 200)} cannot be read: {error.strerror}") from error


def _locked(path: Path) -> FileLock:
    """Raises Unusable where another run writes, or nobody can, or SQLite's locks cannot be trusted."""
    if (kind := drive(path)).removeprefix("fuse.") in NETWORK:
        raise Unusable(
            f"{path} is on a network drive ({kind}), where SQLite's locks cannot be trusted: choose a name on a local disk"
        )
    lock = FileLock(f"{os.path.realpath(path)}.lock")  # the same by whatever name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        if not Path(lock.lock_file).exists():
            raise Unusable(
                f"{path} cannot be written: nothing can be made in {path.parent}"
            ) from error
        name = path.with_suffix("")
        raise Unusable(
            f"{path} is being written by another run; rnn-parity campaign show {name} reads it all the while"
        ) from error
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror}") from error
    return lock
