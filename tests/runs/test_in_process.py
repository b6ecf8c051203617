"""A run in this process: names in order, each once, and other functions of one name apart."""

import ctypes
from contextlib import contextmanager

import numpy as np
import pytest

from harness import verify
from harness.draw.limits import limits
from harness.implementations.find import Unusable
from harness.judge.shared_process import known_case as probe
from harness.runs.in_process import InThisProcess
from harness.runs.search import Search
from references import from_notebook
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run


def make():
    def run_case(case):
        return run(case)

    return run_case


def test_a_name_that_stands_twice_is_judged_once_and_other_functions_get_a_number():
    runner = InThisProcess(("numpy", "numpy", make(), make()))
    first, second, third = runner.names
    assert first == "numpy"
    assert third == f"{second} #2"


def test_the_limits_are_those_of_the_function():
    runner = InThisProcess((from_notebook(simple_rnn), "numpy"))
    notebook = next(name for name in runner.names if name != "numpy")
    assert runner.limits_of(notebook)["num_layers"] == 1
    assert runner.limits_of("numpy") == {}


def test_a_name_of_what_cannot_be_used_is_kept_and_an_object_raises(tmp_path):
    (tmp_path / "broken.py").write_text("x = 1 / 0")
    name = f"{tmp_path / 'broken.py'}:run"
    runner = InThisProcess((name, "numpy", name))
    assert runner.names == ("numpy", name)
    with pytest.raises(Unusable, match="ZeroDivisionError: division by zero") as raised:
        runner.limits_of(name)
    assert raised.value.crash.source == "x = 1 / 0"


@pytest.mark.slow
def test_rows_come_block_by_block():
    allowed = limits(time=(1, 3), hidden_size=(1, 3), input_size=(1, 3))
    names = ("numpy", "references.numpy_rnn:run")
    search = Search(names, 120, 0, allowed, {})
    rows = []
    for row in InThisProcess(names).rows(search):
        rows.append(row)
        search.add(row)
    turns = [(row.verdict.implementation, row.verdict.kind) for row in rows]
    assert turns[:120] == [(names[0], "agrees")] * 50 + [(names[1], "agrees")] * 50 + turns[100:120]
    assert [name for name, _ in turns].count(names[1]) == len(turns) / 2 >= 120


@contextmanager
def blindness():
    """Writes the right outputs over the wrong ones that the judge has to catch, in memory: no name
    changes.
    """
    right, wrong = (item.values[0].data for item in (probe.RIGHT, probe.WRONG))
    place, original = id(wrong) + bytes.__basicsize__ - 1, bytes(bytearray(wrong))
    ctypes.memmove(place, right, len(wrong))
    try:
        yield
    finally:
        ctypes.memmove(place, original, len(wrong))


SMALL = {"time": (1, 3), "hidden_size": (1, 3), "input_size": (1, 3), "batch": 1}


@pytest.mark.slow
def test_a_judge_that_misses_a_known_mistake_after_a_block_withdraws_its_verdicts():
    probe.assert_whole()
    with blindness():
        report = verify(run, examples=60, **SMALL)
    assert report.exit_status == 1
    assert report.summaries[0].counts == {"crashed": report.summaries[0].counts.total()}
    reason = "the judge was disturbed: it misses a known mistake, a transposed U"
    assert {verdict.reason for verdict in report.verdicts} == {reason}
    assert all(verdict.case.time <= 3 for verdict in report.verdicts)
    assert verify(run, examples=20, **SMALL).agrees


@pytest.mark.slow
def test_what_adds_verdicts_up_is_watched_too():
    from harness.runs.results import Results

    def replaces(case):
        Results.add = lambda self, row: None
        return run(case).sequence + 1

    add = Results.add
    report = verify(replaces, examples=5, **SMALL)
    assert Results.add is add
    assert report.exit_status == 1
    assert "something replaced harness.runs.results.Results.add" in report.verdicts[0].reason


def test_replacing_numpy_is_a_crash_with_its_sentence_and_the_next_one_is_judged_rightly():
    def replaces(case):
        np.tanh = np.sin
        return run(case)

    report = verify(replaces, run, examples=5, **SMALL)
    first, second = report.summaries
    assert first.counts == {"crashed": first.counts.total()}
    assert second.counts == {"agrees": second.counts.total()}
    assert "it replaced numpy.tanh, which the judge uses" in str(report)


@pytest.mark.slow
def test_an_implementation_that_interrupts_its_own_run_proves_nothing():
    calls = []

    def interrupts(case):
        calls.append(case)
        if len(calls) > 300:
            raise KeyboardInterrupt
        return run(case)

    report = verify(interrupts, examples=1000, **SMALL)
    assert report.interrupted
    assert (report.exit_status, report.agrees) == (3, False)
    with pytest.raises(AssertionError, match="Cannot tell"):
        report.raise_if_failed()
