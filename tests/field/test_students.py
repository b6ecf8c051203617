"""Forty students' loops: the right ones pass in any style, the wrong ones are named."""

import inspect

import pytest

from harness import verify
from tests.field import students

SMALL = {"time": (1, 12), "hidden_size": (1, 16), "input_size": (1, 12)}
LOOPS = {
    name: loop
    for name, loop in vars(students).items()
    if name.startswith(("right_", "wrong_")) and inspect.isfunction(loop)
}
RIGHT = [name for name in LOOPS if name.startswith("right_")]
WRONG = [name for name in LOOPS if name.startswith("wrong_")]


def name_of_mistake(loop):
    """What stands behind the first line."""
    return inspect.getsource(loop).splitlines()[0].partition("# ")[2]


def test_they_are_forty():
    assert (len(RIGHT), len(WRONG)) == (10, 30)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_loop_passes(name):
    report = verify(LOOPS[name], examples=20, **SMALL)
    assert report.exit_status == 0, str(report)
    assert report.sentence.endswith("in float64.")


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_loop_is_named(name):
    report = verify(LOOPS[name], examples=20, **SMALL)
    assert report.exit_status == 1, str(report)
    (findings,) = report.findings.values()
    names = {one for finding in findings for one in finding.diagnosis.names}
    assert name_of_mistake(LOOPS[name]) in names, str(report)
    assert len(names) <= 3, names
    assert len(str(report).split("\n\n")[-1].splitlines()) <= 14
