"""How a process ended is said in words."""

import signal

import pytest

from harness.processes.endings import how_it_ended, in_words, more_time, too_long


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "with exit status 0"),
        (7, "with exit status 7"),
        (-signal.SIGSEGV, "by SIGSEGV"),
        (-63, "by signal 63"),  # a real-time signal
    ],
)
def test_an_ending_is_a_status_or_a_signal(status, words):
    assert in_words(status) == words
    assert how_it_ended(status) == f"ended the process {words}"


def test_a_limit_of_time_is_in_seconds():
    assert (too_long(1.0), too_long(0.5)) == (
        "took longer than 1 second",
        "took longer than 0.5 seconds",
    )


def test_more_time_is_advised_where_it_was_too_short():
    assert "--time-limit" in more_time(f"it {too_long(2.0)} when it was imported")
    assert more_time("it ended the process by SIGKILL") == ""
