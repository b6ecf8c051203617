"""The journal: what is committed is there once, and what cannot be used is refused with a sentence and left as it was."""

import json
import multiprocessing
import shutil
import sqlite3
from pathlib import Path

import psutil
import pytest

from harness.campaign import open_journal as module
from harness.campaign.journal import SCHEMA, Unusable, Unwritable
from harness.campaign.make_plan import PACE
from harness.campaign.open_journal import begin, drive, path_of, read, reopen
from harness.campaign.plan import Plan
from harness.campaign.tally import Tally

PLAN = Plan({"numpy": 1}, 10**8, None, 0, {"time": (1, 5)}, 60.0, 4096, 16, PACE)
FACTS = {"versions": {"numpy": "2"}, "environment": {}}
RESULT = {
    "tables": {},
    "coverage": {},
    "part": "",
    "versions": {"numpy": "2"},
    "memory": 1 << 20,
    "seconds": 0.5,
}
TABLES = {"tables": {}, "coverage": {"numpy": ["0", "0"]}, "part": {}}
LOST = {"group": ["crashed", "x", ""], "count": 1, "at": {"case": -7, "part": {}, "rebuild": ""}}
PATH = Path("a.campaign")


@pytest.fixture
def written():
    """A journal of three shards, closed."""
    with begin(PATH, PLAN, FACTS) as journal:
        for number in (2, 0, 5):
            journal.commit(number, RESULT, 1.5 + number)
    return PATH.read_bytes()


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
            match=r"a.campaign is written by another run: end one of them; no shard is counted twice",
        ):
            journal.commit(2, RESULT, 9.0)
        assert len(list(journal.rows())) == 3


def test_a_name_that_is_taken_says_how_to_go_on(written):
    with pytest.raises(
        Unusable,
        match=r"a\.campaign is there already: rnn-parity campaign resume a goes on with it",
    ):
        begin(PATH, PLAN, FACTS)
    assert PATH.read_bytes() == written


def test_one_that_does_not_exist():
    with pytest.raises(
        Unusable, match=r"there is no campaign nowhere: nowhere\.campaign does not exist"
    ):
        read(path_of("nowhere"))
    with pytest.raises(Unusable, match="there is no campaign nowhere"):
        reopen(path_of("nowhere"))


@pytest.mark.parametrize("name", ["", "runs/"])
def test_a_name_that_is_none(name):
    with pytest.raises(
        Unusable, match=f"'{name}' is no name for a campaign; expected a file's name"
    ):
        begin(path_of(name), PLAN, FACTS)


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


def _hold(ready, done):
    with reopen(PATH):
        ready.set()
        done.wait(30)


def test_one_that_another_run_writes_can_be_read_but_not_written(written):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(ready, done))
    other.start()
    assert ready.wait(60)
    try:
        with pytest.raises(
            Unusable,
            match="is being written by another run; rnn-parity campaign show a reads it all the while",
        ):
            reopen(PATH)
        with read(PATH) as journal:
            assert len(journal.shard_numbers()) == 3
    finally:
        done.set()
        other.join()
    with reopen(PATH) as journal:
        assert len(journal.shard_numbers()) == 3


def test_one_that_another_program_locks_is_told_as_that(written):
    with reopen(PATH) as journal:
        journal._connection.execute("PRAGMA busy_timeout = 0")
        other = sqlite3.connect(PATH)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            Unwritable,
            match=r"is locked by another program: 3 shards are committed and safe; end that, then: rnn-parity",
        ):
            journal.commit(7, RESULT, 9.0)
        other.close()
        journal.commit(7, RESULT, 9.0)


def test_another_name_of_the_file_is_locked_with_it(written):
    Path("b.campaign").symlink_to(PATH)
    with (
        reopen(PATH),
        pytest.raises(Unusable, match=r"b\.campaign is being written by another run"),
    ):
        reopen(Path("b.campaign"))


def test_the_log_of_a_journal_that_was_removed_is_no_part_of_a_new_one():
    with begin(PATH, PLAN, FACTS) as journal:
        journal.commit(3, RESULT, 1.0)
        kept = {path.name: path.read_bytes() for path in Path().glob("a.campaign-*")}
        assert len(kept) == 2
    PATH.unlink()
    for name, data in kept.items():  # as after a kill
        Path(name).write_bytes(data)
    with begin(PATH, PLAN, FACTS) as journal:
        assert journal.shard_numbers() == set()


def test_a_name_is_told_as_it_is_pasted():
    with begin(Path("my campaign.campaign"), PLAN, FACTS) as journal:
        assert journal.shell_name == "'my campaign'"
    with begin(Path("-x.campaign"), PLAN, FACTS) as journal:
        assert journal.shell_name == "-- -x"


def test_one_that_may_not_be_read_is_told_as_that(written, monkeypatch):
    def refused(self, *_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(Unusable, match=r"a\.campaign cannot be read: Permission denied"):
        read(PATH)


def commit_many(journal):
    for number in range(10, 1000):
        journal.commit(number, RESULT | {"part": "x" * 1000}, 9.0)


def test_a_full_disk_loses_nothing(written):
    with reopen(PATH) as journal:
        (pages,) = journal._connection.execute("PRAGMA page_count").fetchone()
        journal._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(
            Unwritable,
            match=r"a.campaign cannot grow \(database or disk is full\): \d+ shards are committed and safe",
        ):
            commit_many(journal)
        before = journal.shard_numbers()
    with reopen(PATH) as journal:  # there is room again
        assert journal.shard_numbers() == before
        journal.commit(5000, RESULT, 9.0)


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_drive_is_refused(monkeypatch, kind):
    monkeypatch.setattr(module, "drive", lambda path: kind)
    with pytest.raises(
        Unusable,
        match=f"is on a network drive \\({kind}\\), where SQLite's locks cannot be trusted: choose a name",
    ):
        begin(PATH, PLAN, FACTS)
    assert list(Path().iterdir()) == []


def test_the_drive_is_that_of_the_nearest_mount(monkeypatch, tmp_path):
    inner = tmp_path / "mnt" / "far"
    inner.mkdir(parents=True)
    mounts = {str(tmp_path): "ext4", str(inner): "NFS4", "/": "xfs"}
    partitions = [
        type("Partition", (), {"mountpoint": where, "fstype": kind})
        for where, kind in mounts.items()
    ]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: partitions)
    assert drive(inner / "a.campaign") == "nfs4"
    assert drive(tmp_path / "mnt" / "a.campaign") == "ext4"
    (tmp_path / "link").symlink_to(inner)
    assert drive(tmp_path / "link" / "a.campaign") == "nfs4"


def test_a_folder_that_cannot_be_written_is_a_sentence():
    Path("file").write_text("")
    with pytest.raises(Unusable, match=r"file/a.campaign cannot be written"):
        begin(Path("file/a.campaign"), PLAN, FACTS)


def test_one_that_cannot_be_begun_leaves_nothing(monkeypatch):
    """It gets its name when it is whole: one that is killed in between has made no campaign that resume must refuse."""
    seen = []

    def rename(new, path):
        seen.append((new.stat().st_size > 0, path.exists()))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(Unusable, match=r"a\.campaign cannot be written: No space left on device"):
        begin(PATH, PLAN, FACTS)
    assert seen == [(True, False)]
    assert [path.name for path in Path().iterdir()] == ["a.campaign.lock"]
    monkeypatch.undo()


def test_what_a_killed_start_has_left_is_in_nobodys_way():
    Path("a.campaign.new").write_text("half")
    with begin(PATH, PLAN, FACTS):
        assert not Path("a.campaign.new").exists()


def test_a_copy_of_the_file_alone_is_whole(written):
    shutil.copy(PATH, "b.campaign")
    with read(Path("b.campaign")) as journal:
        assert journal.shard_numbers() == {0, 2, 5}


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


def change(statement, *values):
    connection = sqlite3.connect(PATH)
    with connection:
        connection.execute(statement, values)
    connection.close()


def test_one_that_is_removed_while_it_is_written_is_told(written):
    with reopen(PATH) as journal:
        PATH.unlink()
        with pytest.raises(
            Unwritable,
            match="was removed, renamed or replaced while the campaign ran; what was committed is in that file",
        ):
            journal.commit(7, RESULT, 9.0)


def test_what_is_in_the_way_is_refused_and_left():
    PATH.symlink_to("nowhere")
    with pytest.raises(Unusable, match="is there already"):
        begin(PATH, PLAN, FACTS)
    assert PATH.is_symlink()
    Path("b.report").write_text("mine")
    with pytest.raises(Unusable, match=r"b\.report is there already, and no folder"):
        begin(Path("b.campaign"), PLAN, FACTS)
    Path("c.campaign").mkdir()
    with pytest.raises(Unusable, match=r"c\.campaign is no file"):
        reopen(Path("c.campaign"))
    for name in ("x" * 250, "x" * 5000):
        with pytest.raises(Unusable, match="cannot be written: File name too long"):
            begin(path_of(name), PLAN, FACTS)
        with pytest.raises(Unusable, match="cannot be read: File name too long"):
            read(path_of(name))
    with pytest.raises(Unusable, match=r"'new\\nline' is no name for a campaign"):
        begin(path_of("new\nline"), PLAN, FACTS)


def test_a_folder_that_only_may_be_read_is_enough_to_read(written, monkeypatch):
    asked = []
    real = sqlite3.connect
    monkeypatch.setattr(module.os, "access", lambda path, mode: False)
    monkeypatch.setattr(
        module.sqlite3, "connect", lambda where, **more: asked.append(where) or real(where, **more)
    )
    with read(PATH) as journal:
        assert len(journal.shard_numbers()) == 3
    assert asked[0].endswith("?mode=ro&immutable=1")
