"""What a worker answers: results, our own errors with their traceback, verdicts that can be
sent.
"""

import pickle
import sys
from importlib import import_module

import pytest

from harness.draw.limits import limits
from harness.implementations.find import NotFound
from harness.judge.judge import judge
from harness.processes.process import Process
from harness.runs import worker
from harness.runs.batches import Block
from harness.runs.pool import WORKER


class Private(Exception):
    """One that cannot be sent: it takes two arguments."""

    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


def raise_private(*_):
    raise Private("a", "b")


def test_an_answer_is_a_result_or_an_error_that_can_be_sent():
    assert worker.answer(int, ("7",)) == (True, 7)
    succeeded, error = worker.answer(raise_private, ())
    assert not succeeded
    assert str(pickle.loads(pickle.dumps(error))) == "Private: a b"
    assert "raise_private" in "".join(error.__notes__)


@pytest.mark.process
def test_what_the_user_got_wrong_keeps_its_type():
    succeeded, error = worker.answer(worker.limits_of, ("nothing",))
    assert (succeeded, type(error)) == (False, NotFound)


def test_a_block_is_judged_with_its_environment():
    allowed = limits(time=(1, 3), hidden_size=(1, 3), input_size=(1, 3))
    rows, facts, uses = worker.judge_in_worker(Block(("numpy",), (0, 1), 0, allowed, {}))
    assert [row.verdict.kind for row in rows] == ["agrees", "agrees"]
    assert "numpy" in facts
    assert uses == ()


@pytest.mark.parametrize("index", [0, 1])
def test_a_crash_is_sent_as_its_text(index):
    from harness import sample_cases

    (case,) = sample_cases(1, start=index)
    sent = worker.sendable(judge(case, raise_private, "it"))
    assert sent.kind == "crashed"
    back = pickle.loads(pickle.dumps(sent))
    assert str(back.cause) == "a b"
    assert back.crash == sent.crash
    assert (back.crash.error, back.crash.function) == ("Private", "raise_private")
    assert back.crash.source == 'raise Private("a", "b")'


def test_a_module_can_be_absent_for_a_while_unless_it_is_loaded():
    sys.modules.pop("colorsys", None)
    with worker._as_if_absent("colorsys"), pytest.raises(ModuleNotFoundError):
        import_module("colorsys")
    assert import_module("colorsys") is sys.modules["colorsys"]
    with worker._as_if_absent("colorsys"):
        assert import_module("colorsys") is sys.modules["colorsys"]


def loaded(name):
    return name in sys.modules


@pytest.mark.framework
@pytest.mark.process
@pytest.mark.slow
def test_keras_loads_nothing_that_draws():
    pytest.importorskip("keras")
    process = Process(WORKER, 60.0)
    try:
        assert process.ask(worker.limits_of, "keras") == (True, {})
        assert process.ask(loaded, "keras") == (True, True)
        assert process.ask(loaded, worker.UNUSED) == (True, False)
    finally:
        process.end("was stopped")
