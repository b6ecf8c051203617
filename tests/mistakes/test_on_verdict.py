"""The hook on the verdicts of `check`."""

import threading

import pytest

from harness import check
from harness.mistakes.on_verdict import listen, publish
from references.numpy_rnn import run
from tests.mistakes.by_hand import linear

pytestmark = pytest.mark.filterwarnings("ignore::harness.mistakes.sight.BlindCase")


def test_a_listener_receives_each_verdict_as_long_as_it_listens():
    verdicts = []
    publish("before")
    with listen(verdicts.append):
        publish("one")
        publish("two")
    publish("after")
    assert verdicts == ["one", "two"]


def test_the_inner_listener_alone_and_then_the_outer_again():
    outer, inner = [], []
    with listen(outer.append):
        with listen(inner.append):
            publish("in")
        publish("out")
    assert (outer, inner) == (["out"], ["in"])


def test_an_error_ends_the_listening():
    verdicts = []
    with pytest.raises(ZeroDivisionError), listen(verdicts.append):
        raise ZeroDivisionError
    publish("after")
    assert verdicts == []


def test_another_thread_is_not_heard():
    verdicts = []
    with listen(verdicts.append):
        thread = threading.Thread(target=publish, args=["elsewhere"])
        thread.start()
        thread.join()
    assert verdicts == []


def test_check_publishes_what_agrees_and_what_does_not():
    verdicts = []
    with listen(verdicts.append):
        check(linear([1, 2]), run)
        with pytest.raises(AssertionError):
            check(linear([1, 2]), lambda case: run(case).sequence + 1)
    assert [verdict.kind for verdict in verdicts] == ["agrees", "differs"]
