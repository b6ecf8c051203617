"""What a process sends arrives in order, and nobody waits where something else holds the pipe."""

import os
import time
from queue import Empty

import pytest

from harness.processes.inbox import TICK, Inbox


def line(stream):
    text = stream.readline()
    if not text:
        raise EOFError
    return text


@pytest.fixture
def pipe():
    """A pipe's reader as a stream, and its writer as a descriptor."""
    reader, writer = os.pipe()
    stream = os.fdopen(reader, "rb")
    yield stream, writer
    os.close(writer)


def test_messages_come_in_order_and_then_the_error_that_ended_them(pipe):
    stream, writer = pipe
    inbox = Inbox(stream, line)
    os.write(writer, b"one\ntwo\n")
    assert [inbox.get(), inbox.get()] == [b"one\n", b"two\n"]
    assert inbox.is_open
    with pytest.raises(Empty):
        inbox.get()
    os.write(writer, b"three\n")
    assert inbox.get() == b"three\n"


def test_the_end_of_the_stream_is_raised_and_closes_it():
    reader, writer = os.pipe()
    stream = os.fdopen(reader, "rb")
    inbox = Inbox(stream, line)
    os.close(writer)
    with pytest.raises(EOFError):
        inbox.get()
    while inbox.is_open:
        time.sleep(TICK / 10)
    assert stream.closed
