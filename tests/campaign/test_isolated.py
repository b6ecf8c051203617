"""Which ends of a process are an implementation's, and which are tried again."""

import os

import pytest

from harness.campaign import isolated
from harness.campaign.plan import Plan, shards
from harness.campaign.shard import Death, Task
from harness.processes.process import Ended

BOUNDS = (60.0, 4096)


def told_by(monkeypatch, *outcomes):
    """What `run` asks for while processes end so: whether it wants a new one, and the deaths that
    count.
    """
    asked = []
    ends = iter(outcomes)

    def answer(group, bounds, function, task, deaths, new):
        asked.append((new, deaths))
        how, at, was_new = next(ends, ("", None, True))
        return (Ended(how, at) if how else (True, {"tables": {}})), was_new

    monkeypatch.setattr(isolated.POOL, "ask", answer)
    plan = Plan({"numpy": 1}, 100, None, 0, {}, *BOUNDS, 16, 0.002)
    isolated.POOL._closed.clear()
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
        monkeypatch.setattr(isolated.POOL, "ask", lambda *_, new: asked.append(new) or next(told))
        asked.clear()
        return isolated.ask("x", BOUNDS, divmod)

    assert ends("ended the process by SIGKILL", "") == 7
    assert asked == [False, True]
    assert ends("took longer than 5 seconds") == Ended("took longer than 5 seconds", None)
    assert ends(*["ended the process by SIGKILL"] * 3) == Ended(
        "ended the process by SIGKILL", None
    )
    assert len(asked) == 3


@pytest.mark.process
def test_what_a_call_raises_is_raised_and_nothing_is_started_after_the_end():
    with isolated.POOL:
        assert isolated.ask("x", BOUNDS, divmod, 7, 2) == (3, 1)
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            isolated.ask("x", BOUNDS, divmod, 7, 0)
        ended = Ended("ended the process with exit status 5", None)
        assert isolated.ask("x", BOUNDS, os._exit, 5) == ended
    assert isolated.ask("x", BOUNDS, os.getpid) == Ended("was stopped", None)
