"""Tests that the measurement of the blind side counts what it says."""

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.generate import cases_at
from harness.draw.large import LARGE
from harness.draw.limits import limits
from harness.judge.judge import judge
from tests.benchmarks import blind_side
from tests.benchmarks.blind_side import (
    FREQUENT,
    KINDS,
    Kind,
    by_share,
    by_ulp,
    catches,
    caught_at,
    right,
    wrong,
)

OUT_OF_REACH = ("H > 300", "T > 200", "H > 64 and T > 40", "calls after 1000")


def test_there_are_many_kinds_of_every_group():
    assert len(KINDS) + len(FREQUENT) >= 60
    assert {kind.group for kind in KINDS.values()} >= {"size", "row", "step", "lane", "mask", "ulp"}


def test_one_ulp_is_one_ulp_and_shows_where_arithmetic_is_exact():
    (case,) = sample_cases(1, 3, regimes="ternary")
    place = (0, 0, 0)
    off = wrong(place, by_ulp)(case).sequence
    assert off[place] == np.nextafter(right(case)[place], np.float32(np.inf), dtype=off.dtype)
    assert (off != right(case)).sum() == 1
    assert judge(case, wrong(place, by_ulp), calls=1).kind == "differs"
    assert catches(case, Kind("ulp", lambda case: True, by_ulp))
    assert not catches(case, Kind("ulp", lambda case: False, by_ulp))
    assert by_share(np.zeros(1, np.float32)) == 2**-6


@pytest.mark.parametrize("name", ["H > 64", "T > 40", "B >= 5", "I > 32", "layers >= 4"])
def test_a_wrongness_beyond_a_wall_shows_on_large_cases_alone(name):
    small = sample_cases(100, 0)
    large = cases_at(range(LARGE, LARGE + 25), 0, limits())
    assert not any(catches(case, KINDS[name]) for case in small)
    assert any(catches(case, KINDS[name]) for case in large)


def test_wrong_calls_are_those_of_their_numbers():
    (case,) = sample_cases(1, 3, regimes="ternary")
    every = FREQUENT["every 7th call"]()
    kinds = [judge(case, every, calls=1).kind for _ in range(14)]
    assert [i for i, kind in enumerate(kinds) if kind == "differs"] == [6, 13]
    again = FREQUENT["a second call of the same weights"]()
    assert [judge(case, again, calls=1).kind for _ in range(2)] == ["agrees", "differs"]


def test_the_last_output_that_a_condition_concerns_is_wrong(monkeypatch):
    (case,) = sample_cases(1, 3, regimes="ternary")
    places = []
    monkeypatch.setattr(blind_side, "wrong", lambda place, error: places.append(place) or right)
    assert not catches(case, Kind("size", lambda case: True))
    assert places == [tuple(size - 1 for size in right(case).shape)]


def test_large_cases_come_after_the_others(monkeypatch):
    kinds = {name: KINDS[name] for name in ("H > 64", "any mask")}
    for name, value in (("KINDS", kinds), ("FREQUENT", {}), ("CASES", 40)):
        monkeypatch.setattr(blind_side, name, value)
    indices = dict(caught_at(0))
    assert indices["any mask"] < 40
    assert indices["H > 64"] >= LARGE


@pytest.mark.long
def test_a_default_run_catches_what_is_beyond_one_wall_and_misses_what_the_page_says():
    for seed in range(3):
        caught = dict(caught_at(seed))
        assert not set(OUT_OF_REACH) & set(caught)
        within = [name for name, kind in KINDS.items() if kind.group in ("row", "lane", "step")]
        assert set(within) <= set(caught)
