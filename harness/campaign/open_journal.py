"""Begins, opens and reads journals. Refuses an unusable one with a sentence, and leaves it so."""

import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from harness.campaign.check_journal import check_file, check_resume, check_rows
from harness.campaign.journal import (
    SCHEMA,
    SUFFIX,
    TABLES,
    Journal,
    NoCampaign,
    checksum,
    shell_name,
)
from harness.campaign.plan import Plan
from harness.printable import one_line

# Network file systems, and fuse.NAME for each.
NETWORK = frozenset((
    "nfs", "nfs4", "sshfs", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "9p", "ceph", "lustre",
    "gpfs", "beegfs", "glusterfs",
))  # fmt: skip
# What a journal's altered or damaged contents may raise.
DAMAGE = (
    sqlite3.Error, ArithmeticError, LookupError, TypeError, AttributeError, ValueError,
    RecursionError,
)  # fmt: skip


def path_of(name: str) -> Path:
    """Returns the path of the journal of the campaign of this name."""
    return Path(name if name.endswith(SUFFIX) else f"{name}{SUFFIX}")


def check_new(path: Path) -> None:
    """Raises NoCampaign if a campaign cannot begin here, as far as reading tells."""
    name = str(path)[: -len(SUFFIX)]
    if path.name == SUFFIX or not name.isprintable():
        expectation = "expected a file's name, as in friday or runs/friday"
        raise NoCampaign(f"{name!r} is no name for a campaign; {expectation}")
    report = path.with_suffix(".report")
    try:
        if path.is_dir():
            raise NoCampaign(f"{path} is a folder: take another name")
        if path.exists() or path.is_symlink():
            raise NoCampaign(
                f"{path} is there already: rnn-parity campaign resume {shell_name(name)} goes on "
                "with it; or take another name"
            )
        if report.exists() and not report.is_dir():
            raise NoCampaign(
                f"{report} is there already, and no folder: the report would be written there; "
                "take another name"
            )
        check_folder(report)
    except OSError as error:
        raise NoCampaign(
            f"{one_line(str(path), 200)} cannot be written: {error.strerror}"
        ) from error


def check_folder(report: Path) -> None:
    """Raises NoCampaign if a report would overwrite a page that is no report."""
    names = [name for name in ("report.html", "report.json") if (report / name).is_file()]
    if names and not _is_campaigns(report / "report.json"):
        raise NoCampaign(
            f"{report} holds a {names[0]} that is no campaign's: it would be overwritten; "
            "take another name"
        )


def _is_campaigns(path: Path) -> bool:
    """Tells whether a file is the report.json of a campaign, also of one of 0.1.0."""
    try:
        old = json.loads(path.read_text(encoding="utf-8"))
        return bool(old["schema"] == 1 or old["kind"] == "campaign")
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False


def begin(path: Path, plan: Plan, facts: Mapping[str, Mapping[str, str]]) -> Journal:
    """Creates a journal with facts by name, and opens it for writing. Raises NoCampaign."""
    check_new(path)
    lock = _lock(path)
    # It gets its name when it is whole: a kill in between leaves no half journal.
    new = path.with_name(f"{path.name}.new")
    try:
        check_new(path)  # by now another may have begun it
        # SQLite would take the rows in a removed journal's log for this one's.
        _remove(new, *_logs(new), *_logs(path))
        with closing(sqlite3.connect(new)) as connection, connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {SCHEMA};")
            table = {"plan": plan.to_json(), **facts}
            texts = {name: json.dumps(value) for name, value in table.items()}
            plans = {"plan": ""} | dict.fromkeys(facts, checksum(texts["plan"]))
            rows = [
                (name, text, checksum("facts", plans[name], name, text))
                for name, text in texts.items()
            ]
            connection.executemany("INSERT INTO facts VALUES (?, ?, ?)", rows)
        new.rename(path)
        return Journal(path, sqlite3.connect(path, timeout=30), lock)
    except (NoCampaign, OSError, sqlite3.Error) as error:
        lock.release()
        _remove(new, *_logs(new))
        if isinstance(error, NoCampaign):
            raise
        reason = getattr(error, "strerror", None) or error
        raise NoCampaign(f"{path} cannot be written: {reason}") from error


def _logs(path: Path) -> list[Path]:
    """Returns the files that SQLite keeps beside an open file, and leaves behind in a kill."""
    return [path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm", "-journal")]


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def reopen(path: Path) -> Journal:
    """Opens the journal for writing. Raises NoCampaign."""
    _check_place(path)
    lock = _lock(path)
    try:
        with read(path) as journal:  # checks all of it before anything is written
            check_resume(journal)
        return Journal(path, sqlite3.connect(path, timeout=30), lock)
    except NoCampaign:
        lock.release()
        raise


def read(path: Path) -> Journal:
    """Opens the journal for reading, also while another process writes. Raises NoCampaign."""
    _check_place(path)
    # In a folder that cannot be written SQLite must not try to make files beside it.
    alone = not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    address = f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' * alone}"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=30)
        try:
            connection.execute("BEGIN")  # what is read stays the same while another run writes
            check_file(path, connection)
            journal = Journal(path, connection, None)
            check_rows(journal)
            return journal
        except BaseException:
            connection.close()
            raise
    except NoCampaign:
        raise
    except DAMAGE as error:
        raise NoCampaign(
            f"{one_line(str(path))} is cut off or damaged ({one_line(str(error), 200)}); nothing "
            "was written to it. Start again under another name: the same command gives the same "
            "result"
        ) from error


def drive(path: Path) -> str:
    """Returns the kind of file system that holds the path, as the system calls it."""
    place = Path(os.path.realpath(path))
    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next(
        (mounts[folder].lower() for folder in (place, *place.parents) if folder in mounts), ""
    )


def _check_place(path: Path) -> None:
    try:
        if not path.is_file():
            trouble = "is no file" if path.exists() else "does not exist"
            raise NoCampaign(f"there is no campaign {path.with_suffix('')}: {path} {trouble}")
        path.open("rb").close()
    except OSError as error:
        raise NoCampaign(f"{one_line(str(path), 200)} cannot be read: {error.strerror}") from error


def _lock(path: Path) -> FileLock:
    """Locks the journal for writing.

    Raises NoCampaign if another run writes, nobody can, or SQLite's locks cannot be trusted.
    """
    if (kind := drive(path)).removeprefix("fuse.") in NETWORK:
        raise NoCampaign(
            f"{path} is on a network drive ({kind}), where SQLite's locks cannot be trusted: "
            "choose a name on a local disk"
        )
    lock = FileLock(f"{os.path.realpath(path)}.lock")  # the same by whatever name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        if not Path(lock.lock_file).exists():
            trouble = f"nothing can be made in {path.parent}"
            raise NoCampaign(f"{path} cannot be written: {trouble}") from error
        name = shell_name(str(path.with_suffix("")))
        raise NoCampaign(
            f"{path} is being written by another run; "
            f"rnn-parity campaign show {name} reads it all the while"
        ) from error
    except OSError as error:
        raise NoCampaign(f"{path} cannot be written: {error.strerror}") from error
    return lock
