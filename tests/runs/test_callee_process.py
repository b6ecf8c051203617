"""A process that ends, hangs up or writes what is no answer is a crash of what it runs."""

import gc
from pathlib import Path

import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.judge.observe import observe
from harness.runs.callee_process import MOST_STARTS, SPOIL, Callee
from harness.runs.find import NotFound, Unusable
from harness.runs.frames import Malformed
from harness.runs.remote import Remote
from harness.runs.resolve import resolve
from references.as_arrays import arrays_by_name, table_of
from tests.runs import tricks

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("mine")]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("nothing.py:run", NotFound), ("mine.py:nothing", Unusable), ("broken.py:run", Unusable)],
)
def test_what_cannot_be_imported_raises_here_what_it_raised_there(name, kind):
    Path("broken.py").write_text("1 / 0\n")
    with pytest.raises(NotFound) as error:
        Remote.of(name)
    assert type(error.value) is kind
    if name.startswith("broken"):
        assert (error.value.crash.error, error.value.crash.line) == ("ZeroDivisionError", 1)


def test_the_fate_of_the_process_is_told_to_who_started_it():
    fates = []

    def end(status):
        fates.append(status)
        raise Malformed("it ended")

    callee = Callee("mine.py:exits", end)
    (case,) = sample_cases(1)
    with pytest.raises(Malformed, match="it ended"):
        callee.exchange(*call(case))
    assert fates == [5]


def call(case):
    options = {"nonlinearity": "", "watch": False, "number": 1, "over": []}
    return {"do": "call", **options, **table_of(case)}, arrays_by_name(case)


def test_answers_that_are_none_are_a_crash_and_the_process_is_started_a_few_times():
    Path("spoils.py").write_text(f"{tricks.WRONG}{tricks.AT_CALL['noise on the pipe']}")
    remote = Remote.of("spoils.py:run")
    (case,) = sample_cases(1)
    for _ in range(MOST_STARTS):
        observation = observe(case, remote)
        assert (observation.kind, observation.reason) == ("crashed", SPOIL)
    reason = "it was not called: its process spoiled its answers 3 times"
    assert observe(case, remote).reason == reason


def test_noise_in_a_second_call_is_a_crash_of_that_call():
    """The first call's arrays are looked at after it, in a process that is gone by then."""
    Path("second.py").write_text(
        tricks.WRONG
        + tricks.AT_CALL["noise on the pipe"].replace("def run", "def noise")
        + "from references.numpy_rnn import run as right\n"
        "def run(case): return noise(case) if case.origin.startswith('other') else right(case)\n"
    )
    remote = Remote.of("second.py:run")
    for case in sample_cases(MOST_STARTS + 2):
        verdict = judge(case, remote)
        assert verdict.kind == "crashed"
        assert SPOIL in verdict.reason or "was not called" in verdict.reason


def test_answers_are_held_there_no_longer_than_here():
    remote, (case,) = Remote.of("mine.py:right"), sample_cases(1)
    first = observe(case, remote)
    assert first.overwritten() == ""
    del first
    gc.collect()
    assert remote.callee._over == [1]
    observe(case, remote)
    assert 1 not in remote.callee._over


@pytest.mark.parametrize("place", ['"f.py", "12", 1, "x"', "5, 5, 5, 5", '"f.py", 1, 1, 5'])
def test_a_place_that_it_makes_up_is_plain_text_and_a_number(place):
    Path("place.py").write_text(f"def run(case): raise SyntaxError('m', ({place}))\n")
    (case,) = sample_cases(1)
    for implementation in (Remote.of("place.py:run"), resolve("place.py:run")[1]):
        crash = judge(case, implementation).crash
        assert [*map(type, crash)] == [str, str, int, str, str]
