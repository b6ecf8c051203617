"""Journals are begun, locked and read; what cannot be is a sentence."""

import multiprocessing
import shutil
import sqlite3
from pathlib import Path

import psutil
import pytest

from harness.campaign import open_journal as module
from harness.campaign.journal import NoCampaign
from harness.campaign.open_journal import begin, check_folder, drive, path_of, read, reopen
from tests.campaign.journals import FACTS, PATH, PLAN, RESULT


def _hold(ready, done):
    with reopen(PATH):
        ready.set()
        done.wait(30)


def test_a_name_that_is_taken_says_how_to_go_on(written):
    with pytest.raises(
        NoCampaign,
        match=r"a\.campaign is there already: rnn-parity campaign resume a goes on with it",
    ):
        begin(PATH, PLAN, FACTS)
    assert PATH.read_bytes() == written


def test_one_that_does_not_exist():
    with pytest.raises(
        NoCampaign, match=r"there is no campaign nowhere: nowhere\.campaign does not exist"
    ):
        read(path_of("nowhere"))
    with pytest.raises(NoCampaign, match="there is no campaign nowhere"):
        reopen(path_of("nowhere"))


@pytest.mark.parametrize("name", ["", "runs/"])
def test_a_name_that_is_none(name):
    with pytest.raises(
        NoCampaign, match=f"'{name}' is no name for a campaign; expected a file's name"
    ):
        begin(path_of(name), PLAN, FACTS)


@pytest.mark.slow
def test_one_that_another_run_writes_can_be_read_but_not_written(written):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(ready, done))
    other.start()
    assert ready.wait(60)
    try:
        with pytest.raises(
            NoCampaign,
            match=(
                "is being written by another run; rnn-parity campaign show a reads it all the while"
            ),
        ):
            reopen(PATH)
        with read(PATH) as journal:
            assert len(journal.shard_numbers()) == 3
    finally:
        done.set()
        other.join()
    with reopen(PATH) as journal:
        assert len(journal.shard_numbers()) == 3


def test_another_name_of_the_file_is_locked_with_it(written):
    Path("b.campaign").symlink_to(PATH)
    with (
        reopen(PATH),
        pytest.raises(NoCampaign, match=r"b\.campaign is being written by another run"),
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


def test_one_that_may_not_be_read_is_told_as_that(written, monkeypatch):
    def refused(self, *_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(NoCampaign, match=r"a\.campaign cannot be read: Permission denied"):
        read(PATH)


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_drive_is_refused(monkeypatch, kind):
    monkeypatch.setattr(module, "drive", lambda path: kind)
    with pytest.raises(
        NoCampaign,
        match=(
            f"is on a network drive \\({kind}\\), where SQLite's locks cannot be trusted: "
            "choose a name"
        ),
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
    with pytest.raises(NoCampaign, match=r"file/a.campaign cannot be written"):
        begin(Path("file/a.campaign"), PLAN, FACTS)


def test_one_that_cannot_be_begun_leaves_nothing(monkeypatch):
    """It gets its name when it is whole: one that is killed in between has made no campaign that
    resume must refuse.
    """
    seen = []

    def rename(new, path):
        seen.append((new.stat().st_size > 0, path.exists()))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(NoCampaign, match=r"a\.campaign cannot be written: No space left on device"):
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


def test_what_is_in_the_way_is_refused_and_left():
    PATH.symlink_to("nowhere")
    with pytest.raises(NoCampaign, match="is there already"):
        begin(PATH, PLAN, FACTS)
    assert PATH.is_symlink()
    Path("b.report").write_text("mine")
    with pytest.raises(NoCampaign, match=r"b\.report is there already, and no folder"):
        begin(Path("b.campaign"), PLAN, FACTS)
    Path("c.campaign").mkdir()
    with pytest.raises(NoCampaign, match=r"c\.campaign is no file"):
        reopen(Path("c.campaign"))
    with pytest.raises(NoCampaign, match=r"c\.campaign is a folder: take another name"):
        begin(Path("c.campaign"), PLAN, FACTS)
    for name in ("x" * 250, "x" * 5000):
        with pytest.raises(NoCampaign, match="cannot be written: File name too long"):
            begin(path_of(name), PLAN, FACTS)
        with pytest.raises(NoCampaign, match="cannot be read: File name too long"):
            read(path_of(name))
    with pytest.raises(NoCampaign, match=r"'new\\nline' is no name for a campaign"):
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


@pytest.mark.parametrize("name", ["report.json", "report.html"])
def test_a_report_that_is_no_campaigns_is_not_overwritten(tmp_path, name):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / name).write_text('{"schema": 2, "kind": "verify"}')
    with pytest.raises(NoCampaign, match=rf"mine holds a {name} that is no campaign's"):
        check_folder(folder)
    (folder / "report.json").write_text('{"schema": 2, "kind": "campaign"}')
    check_folder(folder)
