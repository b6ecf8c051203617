"""One worker process seen from outside: what it may take, and that its end is noticed."""

import os
import signal
import subprocess
import sys
import time

import pytest

from harness.processes.here import IMPORT, NOWHERE
from harness.processes.process import Ended, Process
from harness.processes.watchdog import CHILDREN, PAUSE
from harness.runs.pool import WORKER

pytestmark = pytest.mark.process

LONG = 1000.0


@pytest.fixture
def process():
    made = Process(WORKER, time_limit=1.0)
    yield made
    made.end("was stopped")


def busy(process, since, index=7):
    """As if it had been at a verdict for so many seconds, and had been looked at a moment ago; it
    has no work, and so leaves no word.
    """
    process._here[0], process._here[1] = 0, index
    process._here[2] = time.monotonic() - since
    process.watchdog._since = time.monotonic() - LONG
    process.watchdog._look = time.monotonic()


def test_a_verdict_may_take_its_time_and_no_more(process):
    busy(process, 0.5)
    assert process.over() is None
    busy(process, 1.5)
    assert process.over() == Ended("took longer than 1 second", (0, 7))


def test_what_is_no_verdict_has_a_limit_of_its_own(process):
    busy(process, 100.0, NOWHERE)
    assert process.over() is None
    busy(process, LONG, NOWHERE)
    assert process.over() == Ended("took longer than 600 seconds", None)


def test_an_import_may_take_the_time_of_a_verdict(process):
    busy(process, 0.5, IMPORT)
    assert process.over() is None
    busy(process, 1.5, IMPORT)
    assert process.over() == Ended("took longer than 1 second", None, importing=0)


def test_a_pause_of_both_is_no_slowness(process):
    """Whoever suspends a job stops this process too, which then has not looked for a while."""
    busy(process, 50.0)
    process.watchdog._look -= PAUSE + 1
    assert process.over() is None
    process.watchdog._since -= 50.0  # looked at all the while: now it is
    assert process.over() is not None


CHILD = "import time; kept = bytearray(64 << 20); time.sleep(60)"


def starts_a_child():
    subprocess.Popen([sys.executable, "-c", CHILD])


def test_the_memory_of_what_it_has_started_counts(process):
    assert process.ask(divmod, 7, 2) == (True, (3, 1))  # it has loaded all that it needs
    alone = process.watchdog.mebibytes()  # before the child is there, however slow the machine is
    assert process.ask(starts_a_child) == (True, None)
    for _ in range(100):
        process.watchdog._counted -= CHILDREN + 1
        if process.watchdog.mebibytes() > alone + 60:
            return
        time.sleep(0.1)
    raise AssertionError(f"{process.watchdog.mebibytes()} MiB, {alone} alone")


def test_an_end_is_told_with_where_it_was():
    process = Process(WORKER, time_limit=60.0)
    assert process.alive()
    assert process.ask(divmod, 7, 2) == (True, (3, 1))
    assert process.ask(os._exit, 3) == Ended("ended the process with exit status 3", None)
    assert not process.alive()


@pytest.mark.skipif(not hasattr(signal, "SIGRTMIN"), reason="there are no real-time signals")
@pytest.mark.parametrize(("number", "name"), [(15, "SIGTERM"), (40, "signal 40")])
def test_an_end_by_a_signal_is_told_also_by_one_without_a_name(number, name):
    assert Process(WORKER, time_limit=60.0).ask(signal.raise_signal, number) == Ended(
        f"ended the process by {name}", None
    )


def test_a_process_that_cannot_start_leaves_no_folder(monkeypatch, tmp_path):
    def fail(*words, **options):
        raise BlockingIOError

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(subprocess, "Popen", fail)
    with pytest.raises(BlockingIOError):
        Process(WORKER, time_limit=1.0)
    assert not list(tmp_path.iterdir())
