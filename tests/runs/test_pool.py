"""Which worker processes are kept, which are ended, and what comes of a call in one."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.implementations import callee_start
from harness.processes.process import Ended
from harness.runs import pool as pool_module
from harness.runs.pool import Pool, ask_once, early_process

pytestmark = pytest.mark.process
BOUNDS = (60.0, 4096)


def breaks():
    raise KeyError("ours")


def test_what_a_quiet_worker_prints_is_dropped(capfd):
    for quiet, printed in ((True, ""), (False, "a notice")):
        assert ask_once(BOUNDS, os.write, 2, b"a notice", quiet=quiet) == 8
        assert capfd.readouterr().err == printed
    for group, printed in (("keras", ""), ("mine.py:run", "a notice"), ("command:x", "a notice")):
        ask_once(BOUNDS, os.write, 2, b"a notice", group=group)
        assert capfd.readouterr().err == printed


def early_callees():
    return len(callee_start._early)


def test_the_first_pool_takes_the_early_process_and_none_stays():
    with early_process(BOUNDS, "command:x"):
        (early,) = pool_module._early.values()
        number = early.watchdog._process.pid
        assert ask_once((61.0, 4096), os.getpid) != number
        assert ask_once(BOUNDS, os.getpid, quiet=True) != number
        assert ask_once(BOUNDS, os.getpid) == number
        assert ask_once(BOUNDS, os.getpid) != number
    with early_process(BOUNDS, "torch"):
        (unused,) = pool_module._early.values()
    assert not unused.alive()
    assert not pool_module._early


def test_a_functions_process_starts_with_its_worker_and_no_reference_takes_it():
    with early_process(BOUNDS, "some.py:run"):
        (early,) = pool_module._early.values()
        number = early.watchdog._process.pid
        assert [ask_once(BOUNDS, early_callees, group=name) for name in ("torch", "command:x")] == [
            0,
            0,
        ]
        with Pool() as pool:
            asked = [pool.ask("mine.py:run", BOUNDS, os.getpid)[0] for _ in range(2)]
            assert asked == [(True, number)] * 2
            assert pool.ask("other.py:run", BOUNDS, early_callees) == ((True, 1), True)
    assert ask_once(BOUNDS, early_callees, group="mine.py:run") == 1


class Fake:
    """A process that has worked for a while."""

    memory_limit = 100

    def __init__(self, *_, **__):
        self.seconds, self.size, self.ended, self.watchdog = 0, 10, False, self

    def worked(self):
        return self.seconds

    def alive(self):
        return True

    def mebibytes(self):
        return self.size

    def end(self, trouble):
        self.ended = True


@pytest.fixture
def pool(monkeypatch):
    monkeypatch.setattr(pool_module, "Process", Fake)
    return Pool(places=3)


def test_a_group_gets_its_own_process_again(pool):
    first, _ = pool._take("torch", BOUNDS)
    second, _ = pool._take("keras", BOUNDS)
    pool._give_back("torch", first)
    pool._give_back("keras", second)
    assert pool._take("keras", BOUNDS)[0] is second
    assert pool._take("torch", BOUNDS)[0] is first


def test_where_there_are_too_many_the_one_that_has_worked_least_is_ended(pool):
    made = []
    for seconds, group in enumerate(("a", "b", "c")):
        made.append(pool._take(group, BOUNDS)[0])
        made[-1].seconds = (7, 3, 5)[seconds]
        pool._give_back(group, made[-1])
    pool._take("d", BOUNDS)
    assert [process.ended for process in made] == [False, True, False]


def test_one_that_has_grown_is_replaced(pool):
    process, _ = pool._take("a", BOUNDS)
    process.size = 80
    pool._give_back("a", process)
    assert process.ended
    assert pool._take("a", BOUNDS)[0] is not process


def test_one_that_waits_too_long_ends_itself_and_another_takes_its_place():
    with Pool(idle=0.5) as pool:
        (_, first), _ = pool.ask("x", BOUNDS, os.getpid)
        ((_, process),) = pool._idle
        for _ in range(100):
            if not process.alive():
                break
            time.sleep(0.1)
        assert pool.ask("x", BOUNDS, os.getpid)[0] != (True, first)


def test_what_a_call_raises_is_returned_and_so_is_its_end():
    with Pool(places=3) as pool:
        assert pool.ask("x", BOUNDS, divmod, 7, 2) == ((True, (3, 1)), True)
        (success, error), new = pool.ask("x", BOUNDS, breaks)
        assert (success, str(error), new) == (False, "KeyError: 'ours'", False)
        assert "in breaks" in "".join(error.__notes__)
        ended, new = pool.ask("x", BOUNDS, os._exit, 5)
        assert (ended, new) == (Ended("ended the process with exit status 5", None), True)
        (_, before), _ = pool.ask("x", BOUNDS, os.getpid)
        assert pool.ask("x", BOUNDS, os.getpid) == ((True, before), False)
        assert pool.ask("x", BOUNDS, os.getpid, new=True)[1]
        assert pool.ask("y", BOUNDS, os.getpid)[1]
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_a_call_in_another_thread_ends_with_the_pool_and_none_begins_after():
    with Pool() as pool, ThreadPoolExecutor() as threads:
        future = threads.submit(pool.ask, "x", BOUNDS, time.sleep, 60)
        while not pool._busy:
            time.sleep(0.01)
        pool.__exit__()
        assert future.result(30)[0].how.startswith("ended the process by SIG")
    assert pool.closed
    assert pool._take("x", BOUNDS) == (None, False)
    assert pool.ask("x", BOUNDS, os.getpid) == (Ended("was stopped", None), False)
