"""Where a worker is, as the process sees that watches it."""

import os
import time

import pytest

from harness.processes import here
from harness.processes.here import IMPORT, NOWHERE, here_is, make_notes, still_here, write_to


@pytest.fixture
def notes(tmp_path, monkeypatch):
    monkeypatch.setattr(here, "_here", here._here)
    monkeypatch.setattr(here, "_process", 0)
    looking = make_notes(str(tmp_path / "here"))
    write_to(str(tmp_path / "here"))
    return looking


def test_at_first_it_is_nowhere(notes):
    assert tuple(notes) == (NOWHERE, NOWHERE, 0.0)


def test_who_watches_sees_what_begins_and_when(notes):
    before = time.monotonic()
    here_is(2, IMPORT)
    assert tuple(notes[:2]) == (2, IMPORT)
    began = notes[2]
    assert before <= began <= time.monotonic()
    still_here()
    assert tuple(notes[:2]) == (2, IMPORT)
    assert notes[2] >= began


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_copy_of_the_process_ends_where_it_would_go_on(notes):
    if not (copy := os.fork()):
        here_is(7, 7)
        os._exit(1)
    _, status = os.waitpid(copy, 0)
    assert status == 0
    assert tuple(notes[:2]) == (NOWHERE, NOWHERE)
