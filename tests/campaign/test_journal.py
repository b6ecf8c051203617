"""The journal: what is committed is there once, and nothing is lost."""

import sqlite3
from pathlib import Path

import pytest

from harness.campaign.journal import Unwritable
from harness.campaign.open_journal import begin, read, reopen
from tests.campaign.journals import FACTS, PATH, PLAN, RESULT


def commit_many(journal):
    for number in range(10, 1000):
        journal.commit(number, RESULT | {"versions": {"numpy": "x" * 1000}}, 9.0)


def test_rows_come_back_in_their_order_with_plan_and_time(written):
    with read(PATH) as journal:
        assert [row["shard"] for row in journal.rows()] == [0, 2, 5]
        assert journal.shard_numbers() == {0, 2, 5}
        assert journal.running_seconds() == 6.5
        assert journal.plan.limits == {"time": [1, 5]}
        assert journal.fact("versions") == '{"numpy": "2"}'
        assert journal.name == "a"


def test_a_shard_is_committed_once(written):
    with reopen(PATH) as journal:
        with pytest.raises(
            Unwritable,
            match=(
                r"a.campaign is written by another run: end one of them; "
                r"no shard is counted twice"
            ),
        ):
            journal.commit(2, RESULT, 9.0)
        assert len(list(journal.rows())) == 3


def test_one_that_another_program_locks_is_told_as_that(written):
    with reopen(PATH) as journal:
        journal._connection.execute("PRAGMA busy_timeout = 0")
        other = sqlite3.connect(PATH)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            Unwritable,
            match=(
                r"is locked by another program: 3 shards are committed and safe; "
                r"end that, then: rnn-parity"
            ),
        ):
            journal.commit(7, RESULT, 9.0)
        other.close()
        journal.commit(7, RESULT, 9.0)


def test_a_name_is_told_as_it_is_pasted():
    with begin(Path("my campaign.campaign"), PLAN, FACTS) as journal:
        assert journal.safe_shards == "0 shards are committed and safe"
        journal.commit(0, RESULT, 1.0)
        assert journal.safe_shards == "1 shard is committed and safe"
        assert journal.shell_name == "'my campaign'"
    with begin(Path("-x.campaign"), PLAN, FACTS) as journal:
        assert journal.shell_name == "-- -x"


def test_a_full_disk_loses_nothing(written):
    with reopen(PATH) as journal:
        (pages,) = journal._connection.execute("PRAGMA page_count").fetchone()
        journal._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(
            Unwritable,
            match=(
                r"a.campaign cannot grow \(database or disk is full\): "
                r"\d+ shards are committed and safe"
            ),
        ):
            commit_many(journal)
        before = journal.shard_numbers()
    with reopen(PATH) as journal:  # there is room again
        assert journal.shard_numbers() == before
        journal.commit(5000, RESULT, 9.0)


def test_one_that_is_removed_while_it_is_written_is_told(written):
    with reopen(PATH) as journal:
        PATH.unlink()
        with pytest.raises(
            Unwritable,
            match=(
                "was removed, renamed or replaced while the campaign ran; "
                "what was committed is in that file"
            ),
        ):
            journal.commit(7, RESULT, 9.0)
