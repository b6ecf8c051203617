"""What a journal cannot have been written as is refused, and left as it was."""

import json
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from harness.campaign import fields
from harness.campaign import journal as journal_module
from harness.campaign.fields import PLACE
from harness.campaign.journal import SCHEMA, Journal, NoCampaign
from harness.campaign.open_journal import begin, read, reopen
from harness.campaign.result import investigate, totals
from harness.campaign.tally import Tally
from tests.campaign.alterations import seal, trials
from tests.campaign.journals import FACTS, PATH, PLAN, RESULT

TABLES = {"tables": {}, "coverage": {"numpy": ["0", "0"]}, "part": {}}


LOST = {"group": ["crashed", "x", ""], "count": 1, "at": {"case": -7, "part": {}, "rebuild": ""}}


def change(statement, *values, checksums=True):
    """Changes the journal. With right checksums, each field has to be checked by itself."""
    connection = sqlite3.connect(PATH)
    with connection:
        connection.execute(statement, values)
        if checksums and not statement.startswith("DROP"):
            seal(connection)
    connection.close()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_journal_is_refused_and_left_as_it_is(written, share):
    cut = written[: int(len(written) * share)]
    PATH.write_bytes(cut)
    for open_it in (read, reopen):
        with pytest.raises(
            NoCampaign,
            match=(
                r"a.campaign is cut off or damaged \(.+\); nothing was written to it. "
                r"Start again under another name: the same command gives the same result"
            ),
        ):
            open_it(PATH)
    assert PATH.read_bytes() == cut


@pytest.mark.parametrize("text", [b"", b"not a database" * 100])
def test_what_is_no_journal_is_refused(text):
    PATH.write_bytes(text)
    with pytest.raises(NoCampaign, match="is cut off or damaged"):
        reopen(PATH)
    assert PATH.read_bytes() == text


def test_another_database_is_refused():
    connection = sqlite3.connect(PATH)
    connection.execute("CREATE TABLE letters (a)")
    connection.close()
    with pytest.raises(NoCampaign, match="no journal of a campaign"):
        read(PATH)


def test_a_newer_schema_is_refused_and_left_as_it_is(written):
    connection = sqlite3.connect(PATH)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    before = PATH.read_bytes()
    with pytest.raises(
        NoCampaign,
        match=f"has schema {SCHEMA + 1}, this version reads {SCHEMA}: use the newer rnn-parity",
    ):
        reopen(PATH)
    assert PATH.read_bytes() == before


@pytest.mark.parametrize(
    "plan",
    [
        {"cases": "many"},
        {"cases": 0},
        {"cases": 1},
        {"pace": 0},
        {"cases": None, "seconds": 1.0, "pace": "x"},
        {"cases": None},
        {"cases": 1e300},
        {"seconds": -1},
        {"time_limit": float("nan")},
        {"seed": "x"},
        {"seed": -1},
        {"implementations": {}},
        {"implementations": ["numpy"]},
        {"implementations": {"numpy": 0}},
        {"implementations": {"numpy": -1}},
        {"limits": "x"},
        {"limits": {"foo": 1}},
        {"limits": {"hidden_size": -3}},
        {"ahead": "q"},
        {"examples": [1]},
        {"more": 1},
        {"deviations": {}},
        {"deviations": "x"},
        {"deviations": {"file": "x", "text": 1}},
        {"deviations": {"file": "x", "text": "x"}},
    ],
)
def test_a_plan_that_cannot_be_is_refused(written, plan):
    altered = json.dumps(PLAN.to_json() | plan)
    change("UPDATE facts SET value = ? WHERE name = 'plan'", altered)
    with pytest.raises(NoCampaign, match="is cut off or damaged"):
        reopen(PATH)


def update(part):
    """The statement that writes numpy's tally with this part into each result."""
    tally = Tally("numpy").to_json() | part
    return f"UPDATE shards SET result = '{json.dumps(TABLES | {'tables': {'numpy': tally}})}'"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE shards SET result = '{'",
        "UPDATE shards SET result = '[]'",
        "UPDATE shards SET result = '{}'",
        """UPDATE shards SET result = '{"tables": {"other": {}}, "coverage": {}, "part": {}}'""",
        update({"cases": 5}),
        update({"failures": [LOST]}),
        update({"known": {"no-such": 1}}),
        update({"against": {"no-such": 1}}),
        "UPDATE shards SET number = -1 WHERE number = 2",
        "UPDATE shards SET number = 9223372036854775807 WHERE number = 2",
        "UPDATE shards SET seconds = 'x'",
        "UPDATE shards SET spent = 9e999",
        "DROP TABLE shards",
        "DROP TABLE looked",
        "UPDATE facts SET value = 'x' WHERE name = 'versions'",
        "UPDATE facts SET value = '[1]' WHERE name = 'environment'",
        "UPDATE facts SET value = '" + "[" * 100_000 + "' WHERE name = 'plan'",
    ],
)
def test_a_row_that_cannot_be_is_refused(written, statement):
    change(statement)
    with pytest.raises(NoCampaign, match="is cut off or damaged"):
        reopen(PATH)


ALTERED = "its checksum does not fit its contents"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE shards SET seconds = seconds + 1 WHERE number = 2",
        "UPDATE shards SET committed = '2020-01-01 00:00:00' WHERE number = 2",
        "UPDATE shards SET number = 3 WHERE number = 2",
        """UPDATE shards SET versions = '{"numpy": "3"}' WHERE number = 5""",
        """UPDATE facts SET value = '{"numpy": "3"}' WHERE name = 'versions'""",
        "UPDATE facts SET value = replace(value, '100000000', '200000000') WHERE name = 'plan'",
        "INSERT INTO shards "
        "SELECT 1, versions, result, seconds, memory, spent, committed, checksum "
        "FROM shards WHERE number = 0",
        "INSERT INTO looked VALUES ('[\"diagnosis\"]', '{}', 'x')",
    ],
)
def test_an_edited_row_is_told_by_its_checksum(written, statement):
    change(statement, checksums=False)
    with pytest.raises(NoCampaign, match=ALTERED):
        read(PATH)


def test_a_row_of_another_journal_does_not_fit(written):
    """The same row of another plan: its checksum is over the plan, too."""
    PATH.rename("b.campaign")
    with begin(PATH, replace(PLAN, seed=1), FACTS) as journal:
        journal.commit(0, RESULT, 1.5)
    connection = sqlite3.connect(PATH)
    with connection:
        connection.execute("ATTACH 'b.campaign' AS b")
        connection.execute("INSERT INTO shards SELECT * FROM b.shards WHERE number = 2")
    connection.close()
    with pytest.raises(NoCampaign, match=ALTERED):
        read(PATH)


def test_a_complete_journal_without_a_shard_is_refused(written):
    with reopen(PATH) as journal:
        journal.set_fact("complete", "true")
    with pytest.raises(NoCampaign, match="it is complete, but shards of it are missing"):
        read(PATH)


def test_a_journal_of_an_older_version_is_read_and_not_gone_on_with(written):
    connection = sqlite3.connect(PATH)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with read(PATH) as journal:
        assert journal.shard_numbers() == {0, 2, 5}
    with pytest.raises(NoCampaign, match="has schema 1, of an older rnn-parity"):
        reopen(PATH)


def test_a_saved_case_that_is_none_is_refused_where_it_would_be_run(written):
    altered = json.dumps(PLAN.to_json() | {"examples": ["YWJj"]})
    change("UPDATE facts SET value = ? WHERE name = 'plan'", altered)
    change("DELETE FROM shards")
    with read(PATH):
        pass
    with pytest.raises(NoCampaign, match="holds a saved case that is none"):
        reopen(PATH)


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["checksums as they were", "right checksums"])
@pytest.mark.parametrize("count", [60, pytest.param(5000, marks=pytest.mark.long)])
def test_an_altered_journal_is_a_sentence_or_shows_what_it_holds(rich, tmp_path, seed, count):
    forger = seal if seed.startswith("right") else None
    results = [end for *_, end in trials(rich, tmp_path, count, seed, forger)]
    assert {*results} <= {"ok", "sentence"}, {*results}
    assert results.count("sentence") > count / 2


@pytest.mark.slow
def test_the_alterations_find_what_is_not_checked(rich, tmp_path, monkeypatch):
    """Without the checks, the same journals end in errors."""
    monkeypatch.setattr(fields, "check", lambda *_: None)
    monkeypatch.setattr(journal_module, "check", lambda *_: None)
    monkeypatch.setattr(Journal, "_check", lambda *_: None)
    results = {end for *_, end in trials(rich, tmp_path, 60, "right checksums", seal)}
    assert results - {"ok", "sentence"}


@pytest.fixture
def rich(written):
    """A journal with failures and every kind of investigation, complete."""
    failures = [
        {
            "group": ["differs", "outputs", f"layer 0, direction {n}", "tanh", True],
            "count": 3 + n,
            "at": {"case": n, "part": {"time": [1, 3]}, "rebuild": "x"},
            "reason": "y",
            "where": "layer 0, direction 0, batch 0",
            "crash": ["ValueError", "a.py", 3, "run", "raise"] if n else [],
            "ended": False,
        }
        for n in range(2)
    ]
    tally = Tally(
        "numpy",
        Counter(differs=7, agrees=250),
        outputs=9,
        worst_ratio=0.5,
        refusals=Counter(no=1),
        cases=257,
    )
    tally.worst_at = failures[0]["at"] | {"kind": "tiny", "place": "layer 0"}
    tally.top, tally.drawn, tally.agreed, tally.failures = (
        [[0.5, ["x"] * 6]],
        Counter({"time 3": 7}),
        [2, 3],
        failures,
    )
    result = RESULT | {
        "tables": {"numpy": tally.to_json()},
        "coverage": {"numpy": ["ff", "0"]},
        "part": {"time": [1, 2]},
    }
    path = Path("rich.campaign")
    with begin(path, replace(PLAN, cases=400, seconds=None), FACTS) as journal:
        for number in range(2):
            journal.commit(number, result, 1.0)
        tables = totals(journal)["implementations"]
        place = dict.fromkeys(PLACE, 1)
        small = {"case": "c", "snippet": "s", "reason": "r", "saved": "YWJj", "where": place}
        table = {
            "applicable": 3,
            "caught": 2,
            "blind": False,
            "median_cases": 1.5,
            "missed": {"a": "b"},
            "untried": 0,
            "sentence": "2 of 3",
        }
        answers = {
            "measure_sight": table,
            "diagnose_failure": {"names": [], "sentence": "It is odd."},
            "shrink_failure": small,
        }
        investigate(journal, lambda calls: [answers[call[2].__name__] for call in calls])
        assert len(journal.investigations()) == 5
        assert tables
    return path
