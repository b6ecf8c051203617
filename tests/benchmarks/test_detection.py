"""Tests that the measurement of detection counts what it says."""

import time
from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME
from references import Unsupported
from references.case import Outputs
from references.numpy_rnn import run as loop
from tests.benchmarks.detection import (
    Catch,
    Score,
    _first_failures,
    _rejected,
    by_ours,
    false_alarms,
    first_catch,
    late,
)
from tests.benchmarks.ordinary import TOLERANCES, accepts, examples, normal

SMALL = {"time": (2, 6), "hidden_size": (2, 6), "input_size": (2, 6)}


def failures(name, whole, cell="rnn"):
    own = list(examples(0, cell, whole, 12))
    return _first_failures(BY_NAME[name], own, whole)


def test_the_first_case_that_catches_is_the_first_that_differs():
    cases = list(sample_cases(12, 0, initial_states=False, **SMALL))
    cases += list(sample_cases(6, 0, **SMALL))
    mistake = BY_NAME["initial state ignored"]
    kinds = [judge(case, mistake.plant(), calls=1).kind for case in cases]
    assert first_catch(mistake, cases) == kinds.index("differs") + 1
    assert kinds.index("differs") >= 12
    right = replace(mistake, applies=lambda case: False)
    assert first_catch(right, cases) is None


def test_a_cache_shows_where_verify_calls_twice():
    (case,) = sample_cases(1, 0, **SMALL)
    cache = BY_NAME["weights of an earlier call"]
    assert first_catch(cache, [case]) == 1
    assert judge(case, cache.plant(), calls=1).kind == "agrees"


def test_the_ordinary_test_catches_what_it_draws_and_no_more():
    assert set(failures("U transposed", whole=False)) == {*TOLERANCES}
    assert failures("initial state ignored", whole=False) == {}
    assert failures("initial state ignored", whole=True)["1e-2"].case < 12
    assert failures("b_U dropped", whole=False) == {}


def test_a_small_mistake_shows_at_a_narrow_tolerance_alone():
    (case,) = sample_cases(1, 0, **SMALL)
    right = loop(case)
    off = Outputs(right.sequence * (1 + 2.0**-10), right.h_n)
    accepted = {
        name: accepts(off, right, tolerance, True) for name, tolerance in TOLERANCES.items()
    }
    assert accepted["1e-2"]
    assert not accepted["1e-5, 1e-6"]
    last = Outputs(right.sequence, right.h_n + 1)
    assert accepts(last, right, TOLERANCES["1e-2"], whole=False)
    assert not accepts(last, right, TOLERANCES["1e-2"], whole=True)
    cut = Outputs(right.sequence[:, :1], right.h_n)
    assert not accepts(cut, right, TOLERANCES["1e-2"], whole=False)


def test_time_adds_up_over_cases():
    own = [one._replace(drawing=10.0) for one in examples(0, "rnn", True, 12)]
    own.sort(key=lambda one: bool(one.case.h_0.any()))
    catch = _first_failures(BY_NAME["initial state ignored"], own, whole=True)["1e-5, 1e-8"]
    assert catch.case == 1 + sum(one.case.starts_from_zeros for one in own) > 1
    assert 10 * catch.case < catch.seconds < 10 * catch.case + 5


def test_the_time_of_ours_has_drawing_in_it(monkeypatch):
    def slow(count, seed, **limits):
        for case in sample_cases(4, seed, **SMALL):
            end = time.process_time() + 0.05
            while time.process_time() < end:
                pass
            yield case

    monkeypatch.setattr("tests.benchmarks.detection.sample_cases", slow)
    monkeypatch.setattr("tests.benchmarks.detection.of_cells", lambda _: [BY_NAME["NaN"]])
    (catch,) = by_ours("rnn", 0).values()
    assert catch.case == 1
    assert 0.05 <= catch.seconds < 4 * 0.05


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_normal_numbers_keep_what_a_case_has(cell):
    for whole in (False, True):
        for one in examples(3, cell, whole, 6):
            case = one.case
            assert np.array_equal(one.right.sequence, loop(case).sequence)
            assert whole or (case.starts_from_zeros and case.mask is None)
            assert whole or not any(cell.b_U.any() for cell in case.weights)
    (case,) = sample_cases(1, 0, cell=cell, initial_states=True, **SMALL)
    one, other = (normal(case, np.random.default_rng(seed)) for seed in (0, 1))
    assert one.config == case.config
    assert not np.array_equal(one.inputs, other.inputs)


def test_scores_count_over_seeds_and_late_ones_are_said():
    seeds = [
        {"U transposed": Catch(1, 1.0), "bias dropped": Catch(61, 3.0), "NaN": Catch(60, 2.0)},
        {"U transposed": Catch(2, 2.0), "bias dropped": None, "NaN": Catch(4, 2.0)},
    ]
    score = Score(seeds)
    assert (score.count, score.always, score.by_goal, score.last) == (3, 2, 2, 61)
    assert (score.mean, score.seconds) == (25.6, 2.0)
    (line,) = late(seeds, "rnn")
    assert line.startswith(
        "rnn: bias dropped: later than case 60 with 2 of 2 seeds, with 1 in none"
    )


@pytest.mark.framework
def test_right_torch_is_accused_on_long_chaos_by_the_ordinary_test_alone():
    alarms = false_alarms("rnn", count=12)
    assert alarms["ours", ""][1] == "0 of 12"
    assert alarms["ordinary", "1e-2"][0] == "0 of 12"
    assert all(int(alarms["ordinary", name][1].split()[0]) >= 5 for name in TOLERANCES)


@pytest.mark.framework
def test_a_wrong_torch_would_count_as_rejected(monkeypatch):
    monkeypatch.setattr("tests.benchmarks.detection.load", lambda name: BY_NAME["NaN"].plant())
    cases = list(sample_cases(4, 0, **SMALL))
    assert _rejected(cases) == "4 of 4"


def test_a_case_that_torch_refuses_does_not_count(monkeypatch):
    def refuse_some(case):
        if case.config.dtype == "float64":
            raise Unsupported("float64")
        return loop(case)

    monkeypatch.setattr("tests.benchmarks.detection.load", lambda name: refuse_some)
    cases = [
        case
        for dtype in ("float32", "float64")
        for case in sample_cases(2, 0, **SMALL, dtype=dtype)
    ]
    assert _rejected(cases) == "0 of 2"
