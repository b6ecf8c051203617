"""The progress of a command: on a terminal alone, and gone at the end."""

import io
import sys

from harness.cli.progress import show_progress


class Terminal(io.StringIO):
    """A stream that calls itself a terminal."""

    def isatty(self):
        return True


def shown(stream, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    with show_progress("lesson", 2) as start:
        start("the first stage")
        start("the second stage")
    return stream.getvalue()


def test_a_terminal_is_shown_the_stage(monkeypatch):
    text = shown(Terminal(), monkeypatch)
    assert "lesson: the second stage" in text


def test_a_file_is_shown_nothing(monkeypatch):
    assert shown(io.StringIO(), monkeypatch) == ""
