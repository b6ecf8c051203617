"""Checks that a journal is as it was written: whole, undamaged, unaltered, of this version."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import Any

from harness.campaign.coverage import possible
from harness.campaign.fields import Damage
from harness.campaign.journal import SCHEMA, Journal, NoCampaign
from harness.campaign.plan import LARGEST, Plan, Shard, shards
from harness.campaign.result import totals
from harness.campaign.shard import examples
from harness.printable import one_line
from harness.runs.deviations import WrongDeviations, text_of
from harness.runs.ledger import differences


def check_file(path: Path, connection: sqlite3.Connection) -> None:
    """Raises NoCampaign for a newer schema, sqlite3.Error for lost or damaged pages."""
    version = _pragma(connection, "user_version")
    if version > SCHEMA:
        raise NoCampaign(
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
        raise Damage("it holds shards that the plan has not")
    order = [*islice(shards(plan), last + 2)]
    if len(order) <= last:
        raise Damage("it holds more shards than the plan has")
    has_all = len(numbers) == last + 1 and (plan.cases is None or len(order) == last + 1)
    if journal.fact("complete") == "true" and not has_all:
        raise Damage("it is complete, but shards of it are missing")
    pairs = len(possible(plan.allowed()))
    for row in journal.rows():
        _check_row(row, order[row["shard"]], plan, pairs)
    for name, tally in totals(journal)["implementations"].items():
        if tally.cases != tally.counts.total():
            raise Damage(f"the cases of {one_line(name, 60)} do not add up")
    for name in ("versions", "environment"):
        journal.texts(name)
    for failure in journal.investigations():
        journal.investigation(failure)


def check_resume(journal: Journal) -> None:
    """Raises NoCampaign for a journal that can be read, but not gone on with."""
    if journal.schema < SCHEMA:
        raise NoCampaign(
            f"{journal.path} has schema {journal.schema}, of an older rnn-parity: `campaign show` "
            "and `export` read it; to judge more, start again under another name"
        )
    _check_deviations(journal)
    try:
        examples(journal.plan)
    except ValueError as error:
        raise NoCampaign(f"{journal.path} holds a saved case that is none: {error}") from error


def _check_deviations(journal: Journal) -> None:
    """Raises NoCampaign where the file of known deviations is there, and another than at first."""
    deviations = journal.plan.deviations
    if deviations is None or not Path(deviations["file"]).exists():
        return
    try:
        text = text_of(Path(deviations["file"]))
    except WrongDeviations as error:
        raise NoCampaign(f"{error}: the campaign was begun with it") from error
    if text != deviations["text"]:
        file = one_line(deviations["file"], 200)
        raise NoCampaign(
            f"{file} has changed since the campaign was begun: put it back as it was, or start "
            "again under another name"
        )


def _check_row(row: Mapping[str, Any], shard: Shard, plan: Plan, pairs: int) -> None:
    """Raises Damage or LimitError where a row is not of this shard."""
    where, tables = f"shard {row['shard']}", row["tables"]
    if not tables.keys() <= {*shard.names}:
        raise Damage(f"{where} holds implementations that are not its own")
    if row["coverage"].keys() != tables.keys():
        raise Damage(f"{where} has the coverage of other implementations")
    for bits in chain.from_iterable(row["coverage"].values()):
        if int(bits, 16).bit_length() > pairs:
            raise Damage(f"{where} covers more pairs than there are")
    plan.allowed(row["part"])
    own = {one.entry.id for one in plan.own_deviations()}
    entries = own | {entry.id for entry in differences()}
    for table in tables.values():
        if not (table["known"].keys() <= entries and table.get("against", {}).keys() <= own):
            raise Damage(f"{where} counts known differences that there are not")
        for at in (failure["at"] for failure in table["failures"]):
            plan.allowed(at["part"])
            if not -len(plan.examples) <= at["case"] < (plan.cases or LARGEST):
                raise Damage(f"{where} has a failure on no case of the plan")
