"""What a journal cannot have been written as is refused, and left as it was."""

import json
import sqlite3

import pytest

from harness.campaign.journal import SCHEMA, Unusable
from harness.campaign.open_journal import read, reopen
from harness.campaign.tally import Tally
from tests.campaign.journals import PATH, PLAN

TABLES = {"tables": {}, "coverage": {"numpy": ["0", "0"]}, "part": {}}


LOST = {"group": ["crashed", "x", ""], "count": 1, "at": {"case": -7, "part": {}, "rebuild": ""}}


def change(statement, *values):
    connection = sqlite3.connect(PATH)
    with connection:
        connection.execute(statement, values)
    connection.close()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_journal_is_refused_and_left_as_it_is(written, share):
    cut = written[: int(len(written) * share)]
    PATH.write_bytes(cut)
    for open_it in (read, reopen):
        with pytest.raises(
            Unusable,
            match=r"a.campaign is cut off or damaged \(.+\); nothing was written to it. Copy it, then `sqlite3",
        ):
            open_it(PATH)
    assert PATH.read_bytes() == cut


@pytest.mark.parametrize("text", [b"", b"not a database" * 100])
def test_what_is_no_journal_is_refused(text):
    PATH.write_bytes(text)
    with pytest.raises(Unusable, match="is cut off or damaged"):
        reopen(PATH)
    assert PATH.read_bytes() == text


def test_another_database_is_refused():
    connection = sqlite3.connect(PATH)
    connection.execute("CREATE TABLE letters (a)")
    connection.close()
    with pytest.raises(Unusable, match="no journal of a campaign"):
        read(PATH)


def test_a_newer_schema_is_refused_and_left_as_it_is(written):
    connection = sqlite3.connect(PATH)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    before = PATH.read_bytes()
    with pytest.raises(
        Unusable,
        match=f"has schema {SCHEMA + 1}, this version reads {SCHEMA}: use the newer rnn-parity",
    ):
        reopen(PATH)
    assert PATH.read_bytes() == before


@pytest.mark.parametrize(
    "plan",
    [
        {"cases": "many"}, {"cases": 0}, {"cases": 1}, {"pace": 0}, {"cases": None, "seconds": 1.0, "pace": "x"},
        {"cases": None}, {"cases": 1e300}, {"seconds": -1}, {"time_limit": float("nan")},
        {"seed": "x"}, {"seed": -1},
        {"implementations": {}}, {"implementations": ["numpy"]}, {"implementations": {"numpy": 0}}, {"implementations": {"numpy": -1}},
        {"limits": "x"}, {"limits": {"foo": 1}}, {"limits": {"hidden_size": -3}}, {"ahead": "q"}, {"examples": [1]}, {"more": 1},
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused(written, plan):
    altered = json.dumps(PLAN.to_json() | plan)
    change("UPDATE facts SET value = ? WHERE name = 'plan'", altered)
    with pytest.raises(Unusable, match="is cut off or damaged"):
        reopen(PATH)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE shards SET result = '{'", "UPDATE shards SET result = '[]'", "UPDATE shards SET result = '{}'",
        """UPDATE shards SET result = '{"tables": {"other": {}}, "coverage": {}, "part": {}}'""",
        "UPDATE shards SET result = '" + json.dumps(TABLES | {"tables": {"numpy": Tally("numpy").to_json() | {"cases": 5}}}) + "'",
        "UPDATE shards SET result = '" + json.dumps(TABLES | {"tables": {"numpy": Tally("numpy").to_json() | {"failures": [LOST]}}}) + "'",
        "UPDATE shards SET number = -1 WHERE number = 2", "UPDATE shards SET number = 9223372036854775807 WHERE number = 2",
        "UPDATE shards SET seconds = 'x'", "UPDATE shards SET spent = 9e999", "DROP TABLE shards", "DROP TABLE looked",
        "UPDATE facts SET value = 'x' WHERE name = 'versions'", "UPDATE facts SET value = '[1]' WHERE name = 'environment'",
        "UPDATE facts SET value = '" + "[" * 100_000 + "' WHERE name = 'plan'",
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused(written, statement):
    change(statement)
    with pytest.raises(Unusable, match="is cut off or damaged"):
        reopen(PATH)
