"""A crash is said to come again, or not; wrong outputs get the known mistake."""

from dataclasses import replace

import pytest

from harness import Mismatch, check, sample_cases
from harness.judge.calls.crash import BEFORE
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.causes.explain import _cause, explain
from references.numpy_rnn import run

CASE = next(sample_cases(1, time=4, hidden_size=3, nonlinearity="tanh"))


def crashes_on_long_ones(case):
    """Right on the probes, which have fewer steps."""
    if case.time > 30:
        return case.absent
    return run(case)


def test_a_crash_that_comes_again_is_never_right_when_called_again():
    case = next(sample_cases(1, time=40))
    verdict = judge(case, crashes_on_long_ones, "mine")
    sentence = "Called again on this case, it crashes in the same way."
    assert explain(verdict, crashes_on_long_ones).sentence == sentence
    with pytest.raises(Mismatch) as raised:
        check(case, crashes_on_long_ones)
    assert f"  diagnosis   {sentence}" in str(raised.value)
    assert "it is right" not in str(raised.value)


def test_a_crash_of_one_call_says_what_the_next_one_did():
    calls = []

    def once(case):
        calls.append(case)
        if len(calls) == 1:
            raise KeyError(len(calls))
        return run(case)

    verdict = judge(CASE, once, "mine")
    assert verdict.reason == "it raised KeyError: 1"
    start = "It depends on earlier calls or on chance. Called again on this case, it "
    assert explain(verdict, once).sentence.startswith(f"{start}agrees: ")


def test_a_crash_whose_numbers_alone_change_comes_again():
    first = Verdict("crashed", "mine", CASE, "its 0058.out holds '0.U'")
    second = replace(first, reason="its 0000.out holds '0.U'")
    assert _cause(first) == _cause(second) != _cause(replace(first, reason="it ended"))


def test_what_was_not_called_is_not_said_to_depend_on_chance():
    reason = f"{BEFORE} replaced numpy.tanh, which the judge uses"
    verdict = Verdict("crashed", "mine", CASE, reason)
    assert explain(verdict, run).sentence.startswith("It was not called. Put that back first")


def test_another_crash_is_not_the_same():
    calls = []

    def changes(case):
        calls.append(case)
        if len(calls) == 1:
            raise KeyError
        raise IndexError

    assert "it crashed: it raised IndexError" in explain(judge(CASE, changes), changes).sentence


def test_wrong_outputs_are_diagnosed():
    mistaken = BY_NAME["U transposed"].plant()
    assert explain(judge(CASE, mistaken), mistaken).names == ("U transposed",)


def test_writing_into_a_read_only_argument_is_said():
    def writes(case):
        case.inputs[...] = 0
        return run(case)

    verdict = judge(CASE, writes)
    assert str(explain(verdict, writes)).startswith(
        "It writes into an argument, which is read-only"
    )
