"""The watchdog sees a verdict that takes too long and a process that takes too much memory."""

import os
import time

from harness.processes.here import LOAD_LIMIT, NOWHERE
from harness.processes.watchdog import Watchdog


def watch(here, time_limit=1.0, memory_limit=None):
    return Watchdog(os.getpid(), here, time_limit, memory_limit)


def test_a_verdict_within_its_limits_is_no_trouble():
    assert watch([0.0, 7.0, time.monotonic()], memory_limit=1e6).trouble() == ""


def test_a_verdict_that_takes_longer_than_its_limit_is_named(monkeypatch):
    dog = watch([0.0, 7.0, time.monotonic()])
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 1.5)
    assert dog.trouble() == "took longer than 1 second"


def test_outside_a_verdict_there_is_more_time(monkeypatch):
    dog = watch([NOWHERE, NOWHERE, time.monotonic()])
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 1.5)
    assert dog.trouble() == ""
    assert dog.time_limit < LOAD_LIMIT


def test_too_much_memory_is_named():
    assert (
        watch([0.0, 7.0, time.monotonic()], 60, 1.0).trouble() == "took more than 1 MiB of memory"
    )


def test_this_process_is_alive():
    assert not watch([0.0, 0.0, 0.0]).dead()
