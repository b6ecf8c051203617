"""Large cases: each beyond one wall, small otherwise, within the caller's limits, rebuilt alike."""

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.features import features
from harness.draw.generate import cases_at, choices_at, config_at, origin_at
from harness.draw.large import (
    BESIDE,
    LARGE,
    RATE,
    WALLS,
    wall_at,
    wall_of,
    walls,
)
from harness.draw.limits import CHOICES, SIZES, limits
from tests.draw.test_generate import digest

SIZE_NAMES = (*SIZES, "num_layers")


def large(count, seed=0, **values):
    return list(cases_at(range(LARGE, LARGE + count), seed, limits(**values)))


def names(allowed):
    return [wall.name for wall in walls(allowed)]


def sizes(case):
    return {name: features(case)[name] for name in SIZE_NAMES}


@pytest.mark.parametrize("seed", range(3))
def test_each_large_case_crosses_its_wall_and_is_small_otherwise(seed):
    for number, case in enumerate(large(15, seed)):
        own, (wall, (low, high)) = sizes(case), WALLS[number % len(WALLS)]
        assert low <= own.pop(wall) <= high
        assert wall_of(number, limits()).name == wall
        assert all(own[name] <= np.max(BESIDE[name]) for name in own)


def test_walls_begin_where_the_default_limits_end():
    ends = {
        **{name: high for name, (_, high) in SIZES.items()},
        "num_layers": max(CHOICES["num_layers"]),
    }
    assert {name: low - 1 for name, (low, _) in WALLS[:5]} == ends
    assert all(low > ends[name] for name, (low, _) in WALLS)
    assert all(np.max(BESIDE[name]) <= ends[name] for name in SIZE_NAMES)


@pytest.mark.parametrize("values", [{}, {"dtype": "float64", "hidden_size": (2, 5)}])
def test_a_large_case_is_built_again_from_its_origin(values):
    for case in large(10, 3, **values):
        again = eval(case.origin, {"sample_cases": sample_cases})
        assert digest([again]) == digest([case])
    assert "hidden_size=(2, 5)" in case.origin or not values
    index = LARGE + 7
    assert origin_at(index, 3, limits(**values)) == large(8, 3, **values)[7].origin
    config, choices = choices_at(index, 3, limits(**values))
    assert config == config_at(index, 3, limits(**values)) == large(8, 3, **values)[7].config
    assert choices.time == large(8, 3, **values)[7].time


def test_a_large_case_depends_on_index_seed_and_limits_alone():
    assert digest(large(10)[5:]) == digest(cases_at(range(LARGE + 5, LARGE + 10), 0, limits()))
    assert digest(large(10)) != digest(large(10, 1))


@pytest.mark.parametrize("wall", SIZE_NAMES)
def test_a_size_that_the_caller_limits_is_not_crossed(wall):
    allowed = limits(**{wall: 3})
    assert names(allowed) == [name for name, _ in WALLS if name != wall]
    assert {sizes(case)[wall] for case in large(10, **{wall: 3})} == {3}
    default = {**SIZES, "num_layers": CHOICES["num_layers"]}[wall]
    assert wall not in names(limits(**{wall: default})), "he said so, even if it is the default"


def test_what_the_caller_limits_besides_holds_for_large_cases():
    cases = large(20, nonlinearity="relu", masks=False, dtype="float64", regimes="mantissa")
    assert {(c.config.nonlinearity, c.config.dtype, c.mask is None) for c in cases} == {
        ("relu", "float64", True)
    }


def test_no_wall_is_crossed_where_the_case_would_be_too_large():
    assert names(limits(hidden_size=900)) == 2 * ["time", "batch", "input_size"]
    assert walls(limits(**dict.fromkeys(SIZE_NAMES, 2))) == ()


def test_the_stream_of_sample_cases_has_no_large_ones_at_any_start():
    (case,) = sample_cases(1, start=LARGE + 1)
    assert all(size <= SIZES[name][1] for name, size in sizes(case).items() if name in SIZES)


def test_large_indices_are_whole_as_floats_and_fit_every_share():
    assert int(float(LARGE + 25)) == LARGE + 25
    assert LARGE % 1000 == 0


@pytest.mark.slow
def test_a_campaign_crosses_every_wall_whatever_share_of_it_is_judged():
    for share in (1, 10, 100, 1000):
        indices = [i for i in range(0, 400 * RATE * share, share) if i % RATE == RATE - 1]
        assert {wall_at(index, 0, limits()).name for index in indices[:60]} == set(SIZE_NAMES)
    assert wall_at(RATE - 1, 0, limits(**dict.fromkeys(SIZE_NAMES, 2))) is None


def test_what_crosses_a_wall_leaves_other_limits_as_they_are():
    allowed = limits(time=(2, 5), dtype="float64")
    wall = next(wall for wall in walls(allowed) if wall.name == "batch")
    assert "time" not in wall.limits
    assert wall.allowed.values == {**allowed.values, **wall.limits}
    assert wall.allowed.sizes["time"] == (2, 5)
