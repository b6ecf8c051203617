"""The runner: what is begun again, and what is said of an executor that is gone."""

from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from threading import Timer

import pytest

from harness.campaign.campaign import Runner
from harness.campaign.executors import Stopped, asking
from harness.campaign.open_journal import begin, reopen
from harness.campaign.plan import Plan, shards
from harness.campaign.tally import Tally
from references import NotInstalled

PLAN = Plan({"numpy": 1}, 2000, None, 0, {}, 60.0, 4096, 32, 0.002)


FACTS = {"versions": {"numpy": "2"}, "environment": {}}


RESULT = {
    "tables": {"numpy": Tally("numpy").to_json()},
    "coverage": {"numpy": ["0", "0"]},
    "part": {},
    "versions": {"numpy": "2"},
    "memory": 1,
    "seconds": 1.0,
}


class Fake(Executor):
    """What is asked of it ends at once, as it is told."""

    def __init__(self, *outcomes):
        self.outcomes, self.calls = list(outcomes), []

    def submit(self, function, /, *arguments, **_):
        self.calls.append(arguments)
        future = Future()
        outcome = self.outcomes.pop(0) if self.outcomes else RESULT
        if outcome is None:
            future.cancel()
            future.set_running_or_notify_cancel()
        elif isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
        return future


@pytest.fixture
def journal():
    with begin(Path("c.campaign"), PLAN, FACTS) as made:
        yield made


def numbers(executor):
    return [task.shard.number for (task,) in executor.calls]


def test_a_shard_whose_worker_was_lost_is_begun_again(journal):
    executor = Fake(None, OSError("the worker is gone"))
    Runner(journal, executor, 1).run()
    assert sorted(numbers(executor)) == sorted([0, 1, *range(len(list(shards(PLAN))))])
    assert journal.shard_numbers() == set(range(len(list(shards(PLAN)))))


def test_one_that_is_lost_every_time_stops_the_campaign_with_a_sentence(journal):
    with pytest.raises(
        Stopped,
        match=(
            r"the executor is gone \(OSError: x\): 0 shards are committed and safe; "
            r"when it is back: rnn-parity"
        ),
    ):
        Runner(journal, Fake(*[OSError("x")] * 50), 1).run()


def test_what_is_not_installed_where_it_runs_is_a_sentence(journal):
    with pytest.raises(Stopped, match="torch is not there"):
        Runner(journal, Fake(NotInstalled("torch is not there")), 1).run()


def test_a_defect_of_ours_is_raised_as_what_it_is(journal):
    error = RuntimeError("ours")
    error.add_note("where it was raised")
    with pytest.raises(RuntimeError, match="ours"):
        Runner(journal, Fake(error), 1).run()


@pytest.mark.slow
def test_an_executor_that_does_not_answer_is_told(journal):
    class Silent(Fake):
        def submit(self, function, /, *arguments, **_):
            return Future()

    with pytest.raises(Stopped, match="it does not answer"):
        Runner(journal, Silent(), 1, alive=lambda: False).run()
    with pytest.raises(Stopped, match=r"it does not answer\) before anything was begun"):
        asking(Silent(), lambda: False)([("group",)])


def test_when_the_time_is_up_shards_that_were_begun_before_later_ones_are_still_run():
    with begin(Path("c.campaign"), replace(PLAN, cases=None, seconds=5.0), FACTS) as journal:
        for number in (0, 1, 3):
            journal.commit(number, RESULT, 6.0)
    executor = Fake()
    with reopen(Path("c.campaign")) as journal:
        Runner(journal, executor, 1).run()
        assert numbers(executor) == [2]
        assert journal.shard_numbers() == {0, 1, 2, 3}


def test_when_the_time_is_up_what_has_not_begun_is_dropped():
    class Queue(Fake):
        """The first call runs, and takes all the time; the others wait."""

        def submit(self, function, /, *arguments, **_):
            self.calls.append(arguments)
            future = Future()
            if len(self.calls) == 1:
                future.set_running_or_notify_cancel()
                Timer(0.5, future.set_result, [RESULT]).start()
            return future

    executor = Queue()
    with begin(Path("c.campaign"), replace(PLAN, cases=None, seconds=0.2), FACTS) as journal:
        Runner(journal, executor, 4).run()
        assert len(executor.calls) > 1
        assert journal.shard_numbers() == {0}
