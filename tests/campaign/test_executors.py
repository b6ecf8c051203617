"""Calls that an executor loses are made again."""

from pathlib import Path

import pytest

from harness.campaign.executors import TRIES, Stopped, asking
from harness.campaign.open_journal import begin
from references import NotInstalled
from tests.campaign.test_campaign import FACTS, PLAN, Fake


def test_a_question_is_asked_again_where_a_worker_was_lost_and_then_it_is_told():
    with begin(Path("c.campaign"), PLAN, FACTS) as journal:
        _check(journal)


def test_several_questions_are_asked_at_once_and_answered_in_their_order():
    executor = Fake({"found": 1}, None, {"found": 3}, {"found": 2})
    calls = [("a", 1), ("b", 2), ("c", 3)]
    answers = asking(executor, lambda: True)(iter(calls))
    assert answers == [{"found": 1}, {"found": 2}, {"found": 3}]
    assert executor.calls == [*calls, ("b", 2)]
    assert asking(executor, lambda: True)([]) == []


def _check(journal):
    executor = Fake(None, OSError("x"), {"found": 1})
    assert asking(executor, lambda: True, journal)([("group", 1)]) == [{"found": 1}]
    assert executor.calls == [("group", 1)] * 3
    lost = Fake(*[None] * TRIES)
    with pytest.raises(
        Stopped, match=r"the executor is gone \(CancelledError: \): 0 shards are committed and safe"
    ):
        asking(lost, lambda: True, journal)([("group",)])
    assert len(lost.calls) == TRIES
    with pytest.raises(NotInstalled):
        asking(Fake(NotInstalled("x")), lambda: True, journal)([("group",)])
