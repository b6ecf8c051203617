"""Which worker processes are kept, which are ended, and what comes of a call in one."""

import os
import time

import pytest

from harness.campaign import isolated
from harness.campaign.plan import Plan, shards
from harness.campaign.shard import Death, Task
from harness.runs.process import Ended

BOUNDS = (60.0, 4096)


class Fake:
    """A process that has worked for a while."""

    memory_limit = 100

    def __init__(self, *_, **__):
        self.seconds, self.size, self.ended = 0, 10, False

    def worked(self):
        return self.seconds

    def alive(self):
        return True

    def mebibytes(self):
        return self.size

    def end(self, trouble):
        self.ended = True


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr(isolated, "Process", Fake)
    for name, value in (("_idle", []), ("_busy", set()), ("_most", 0)):
        monkeypatch.setattr(isolated, name, value)


@pytest.mark.usefixtures("fake")
def test_a_group_gets_its_own_process_again():
    first = isolated._taken("torch", BOUNDS)
    second = isolated._taken("keras", BOUNDS)
    isolated._given_back("torch", first)
    isolated._given_back("keras", second)
    assert isolated._taken("keras", BOUNDS) is second
    assert isolated._taken("torch", BOUNDS) is first


@pytest.mark.usefixtures("fake")
def test_where_there_are_too_many_the_one_that_has_worked_least_is_ended():
    made = []
    for seconds, group in enumerate(("a", "b", "c")):
        made.append(isolated._taken(group, BOUNDS))
        made[-1].seconds = (7, 3, 5)[seconds]
        isolated._given_back(group, made[-1])
    isolated._taken("d", BOUNDS)
    assert [process.ended for process in made] == [False, True, False]


@pytest.mark.usefixtures("fake")
def test_one_that_has_grown_is_replaced():
    process = isolated._taken("a", BOUNDS)
    process.size = 80
    isolated._given_back("a", process)
    assert process.ended
    assert isolated._taken("a", BOUNDS) is not process


def test_one_that_waits_too_long_ends_itself_and_another_takes_its_place(monkeypatch):
    monkeypatch.setattr(isolated, "IDLE", 0.5)
    with isolated.opened():
        first = isolated.ask("x", BOUNDS, os.getpid)
        (process,) = (item[1] for item in isolated._idle)
        for _ in range(100):
            if not process.alive():
                break
            time.sleep(0.1)
        assert isolated.ask("x", BOUNDS, os.getpid) != first


def test_what_a_call_raises_is_raised_here_and_what_ends_it_is_told():
    with isolated.opened():
        assert isolated.ask("x", BOUNDS, divmod, 7, 2) == (3, 1)
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            isolated.ask("x", BOUNDS, divmod, 7, 0)
        ended = isolated.ask("x", BOUNDS, os._exit, 5)
        assert ended == Ended("ended the process with exit status 5", None)
        before = isolated.ask("x", BOUNDS, os.getpid)
        assert isolated.ask("x", BOUNDS, os.getpid) == before
        assert isolated.ask("y", BOUNDS, os.getpid) != before
    assert isolated.ask("x", BOUNDS, os.getpid) == Ended("was stopped", None)
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_an_end_that_may_come_from_outside_is_tried_again_and_others_are_not(monkeypatch):
    asked = []

    def ask(group, bounds, function, task, deaths):
        asked.append(deaths)
        if len(asked) > 3:
            return {"tables": {}}
        return Ended("ended the process by SIGKILL", (0, 7)) if len(asked) < 3 else Ended("took longer than 5 seconds", (0, 8))

    monkeypatch.setattr(isolated, "ask", ask)
    plan = Plan({"numpy": 1}, 100, None, 0, {}, *BOUNDS, 16)
    isolated._closed.clear()
    isolated.run(Task(plan, next(shards(plan)), {}, frozenset()))
    seventh, eighth = Death("numpy", 7, "ended the process by SIGKILL"), Death("numpy", 8, "took longer than 5 seconds")
    assert asked == [(), (), (seventh,), (seventh, eighth)]
