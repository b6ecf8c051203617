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
def fake(monkeypatch):
    monkeypatch.setattr(isolated, "Process", Fake)
    for name, value in (("_idle", []), ("_busy", set()), ("_most", 0)):
        monkeypatch.setattr(isolated, name, value)


@pytest.mark.usefixtures("fake")
def test_a_group_gets_its_own_process_again():
    first, _ = isolated._taken("torch", BOUNDS)
    second, _ = isolated._taken("keras", BOUNDS)
    isolated._given_back("torch", first)
    isolated._given_back("keras", second)
    assert isolated._taken("keras", BOUNDS)[0] is second
    assert isolated._taken("torch", BOUNDS)[0] is first


@pytest.mark.usefixtures("fake")
def test_where_there_are_too_many_the_one_that_has_worked_least_is_ended():
    made = []
    for seconds, group in enumerate(("a", "b", "c")):
        made.append(isolated._taken(group, BOUNDS)[0])
        made[-1].seconds = (7, 3, 5)[seconds]
        isolated._given_back(group, made[-1])
    isolated._taken("d", BOUNDS)
    assert [process.ended for process in made] == [False, True, False]


@pytest.mark.usefixtures("fake")
def test_one_that_has_grown_is_replaced():
    process, _ = isolated._taken("a", BOUNDS)
    process.size = 80
    isolated._given_back("a", process)
    assert process.ended
    assert isolated._taken("a", BOUNDS)[0] is not process


def test_one_that_waits_too_long_ends_itself_and_another_takes_its_place(monkeypatch):
    monkeypatch.setattr(isolated, "IDLE", 0.5)
    with isolated.processes():
        first = isolated.ask("x", BOUNDS, os.getpid)
        (process,) = (item[1] for item in isolated._idle)
        for _ in range(100):
            if not process.alive():
                break
            time.sleep(0.1)
        assert isolated.ask("x", BOUNDS, os.getpid) != first


def test_what_a_call_raises_is_raised_here_and_what_ends_it_is_told():
    with isolated.processes():
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


def told_by(monkeypatch, *outcomes):
    """What `run` asks for while processes end so: whether it wants a new one, and the deaths that count."""
    asked = []
    ends = iter(outcomes)

    def answer(new, group, bounds, function, task, deaths):
        asked.append((new, deaths))
        how, at, was_new = next(ends, ("", None, True))
        return (Ended(how, at) if how else (True, {"tables": {}})), was_new

    monkeypatch.setattr(isolated, "_asked", answer)
    plan = Plan({"numpy": 1}, 100, None, 0, {}, *BOUNDS, 16, 0.002)
    isolated._closed.clear()
    result = isolated.run(Task(plan, next(shards(plan)), {}, frozenset()))
    return asked, result


def test_an_end_that_may_come_from_outside_is_tried_again_and_others_are_not(monkeypatch):
    killed, slow = (
        ("ended the process by SIGKILL", (0, 7), True),
        ("took longer than 5 seconds", (0, 8), True),
    )
    asked, _ = told_by(monkeypatch, killed, killed, slow)
    seventh, eighth = Death("numpy", 7, killed[0]), Death("numpy", 8, slow[0])
    assert [deaths for _, deaths in asked] == [(), (), (seventh,), (seventh, eighth)]


def test_an_end_that_may_be_due_to_earlier_shards_does_not_count_and_a_new_process_is_asked_for(
    monkeypatch,
):
    grown = "took more than 900 MiB of memory"
    asked, _ = told_by(monkeypatch, (grown, (0, 7), False))
    assert asked == [(False, ()), (True, ())]
    asked, _ = told_by(monkeypatch, (grown, (0, 7), False), (grown, (0, 9), True))
    assert asked[-1] == (True, (Death("numpy", 9, grown),))


def test_a_process_that_ends_again_and_again_outside_of_any_case_is_told(monkeypatch):
    asked, result = told_by(
        monkeypatch, *[("ended the process with exit status 3", None, True)] * 3
    )
    assert (len(asked), result) == (3, {"ended": "ended the process with exit status 3"})


def test_a_question_that_is_ended_from_outside_is_asked_again_and_others_are_not(monkeypatch):
    asked = []

    def ends(*ways):
        told = iter([(Ended(how, None) if how else (True, 7), True) for how in ways])
        monkeypatch.setattr(isolated, "_asked", lambda new, *_: asked.append(new) or next(told))
        asked.clear()
        return isolated.ask("x", BOUNDS, divmod)

    assert ends("ended the process by SIGKILL", "") == 7
    assert asked == [False, True]
    assert ends("took longer than 5 seconds") == Ended("took longer than 5 seconds", None)
    assert ends(*["ended the process by SIGKILL"] * 3) == Ended(
        "ended the process by SIGKILL", None
    )
    assert len(asked) == 3


def test_a_process_that_is_asked_for_after_the_end_is_not_started():
    with isolated.processes():
        pass
    assert isolated._taken("x", BOUNDS) == (None, False)
    assert isolated.ask("x", BOUNDS, os.getpid) == Ended("was stopped", None)
