import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.runs.writable import reason_of, writing_error


def test_a_file_that_can_be_written_is_left_as_it_was(tmp_path):
    old = tmp_path / "old"
    old.write_text("old")
    assert writing_error(old) == writing_error(tmp_path / "new") == ""
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


def test_a_link_to_a_file_that_is_to_be_stays(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "new")
    assert writing_error(link) == ""
    assert link.is_symlink()
    assert list(tmp_path.iterdir()) == [link]


def test_what_cannot_be_written_has_a_reason(tmp_path):
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere" / "file")
    assert writing_error(tmp_path) == "it is a folder"
    assert writing_error(tmp_path / "broken") == "No such file or directory"
    absent = tmp_path / "absent"
    assert writing_error(absent / "file") == f"there is no folder {absent}; make it first"
    assert "null" in writing_error(Path("a\0"))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(28, "No space left on device", "x"), "No space left on device"),
        (ValueError("a"), "a"),
    ],
)
def test_a_reason_has_neither_file_nor_number(error, text):
    assert reason_of(error) == text


def test_a_pipe_has_no_name_and_can_be_written():
    reader, writer = os.pipe()
    try:
        assert writing_error(Path(f"/dev/fd/{writer}")) == ""
    finally:
        os.close(reader)
        os.close(writer)


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(writing_error, pipe)
        try:
            assert answer.result(timeout=20) == ""
        finally:
            os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))  # whoever waits goes on
