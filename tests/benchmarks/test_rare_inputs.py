"""Tests that the measurement of rare inputs counts what it says."""

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from tests.benchmarks import rare_inputs
from tests.benchmarks.rare_inputs import CONDITIONS, RARE, Misses, wrong_at


def test_one_wrong_output_is_caught_and_nothing_else_is_wrong():
    for case in sample_cases(10, 1, regimes="contracting", time=(2, 5)):
        verdict = judge(case, wrong_at((0, 1, 0)), calls=1)
        assert (verdict.kind, verdict.first.time, verdict.first.unit) == ("differs", 1, 0)


def test_each_condition_holds_in_some_case_and_not_in_all():
    cases = list(sample_cases(200, 2))
    for name, condition in CONDITIONS.items():
        holding = sum(bool(np.any(condition(case))) for case in cases)
        assert 0 < holding < len(cases), name


def test_what_no_case_shows_counts_as_missed(monkeypatch):
    never = {"never": lambda case: False, "third row": RARE["third row"]}
    monkeypatch.setattr(rare_inputs, "CONDITIONS", never)
    misses = Misses(2, 20)
    assert (misses.missed("never"), misses.mean("never")) == (2, 0)
    assert (misses.missed("third row"), misses.missed("never", "third row")) == (0, 2)
    assert misses.mean("third row") > 1


@pytest.mark.deep
def test_no_rare_condition_is_missed_by_the_default_cases():
    misses = Misses(3, 200)
    assert {name: misses.missed(name) for name in CONDITIONS if misses.missed(name)} == {}
