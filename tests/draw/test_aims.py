"""Tests that what chance would bring late comes early, in each stream, and keeps within limits."""

from collections import Counter

import pytest

from harness.draw.aims import AIMS, AT_THE_END
from harness.draw.deal import BLOCK, LEVELS
from harness.draw.generate import choices_at, sample_cases
from harness.draw.limits import limits
from harness.draw.rare import RARE

EARLY = 60  # cases in which every known mistake is to be caught
SEEDS = range(20)


def draws(count, seed, **values):
    allowed = limits(**values)
    return [choices_at(index, seed, allowed) for index in range(count)]


def is_square(config):
    return config.input_size == config.hidden_size > 1 and config.num_directions == 1


def is_wide(config):
    return config.input_size == config.output_size > 1 and not config.go_backwards


def test_each_aim_has_levels_of_its_own_and_rare_numbers_keep_theirs():
    assert len(AIMS) == LEVELS
    for rare in ("zeros", "subnormals"):
        assert AIMS.count(rare) == RARE.count(rare)


@pytest.mark.parametrize("seed", SEEDS)
def test_early_cases_have_inputs_as_wide_as_outputs_in_stacks_of_each_kind(seed):
    early = [config for config, _ in draws(EARLY, seed)]
    deep = [config for config in early if is_wide(config) and config.num_layers == 3]
    assert sum(map(is_square, deep)) >= 2
    assert any(is_wide(config) and config.bidirectional for config, _ in draws(BLOCK, seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_early_cases_have_masked_last_steps_that_put_out_zeros(seed):
    blank = [
        choices
        for config, choices in draws(EARLY, seed)
        if choices.mask_kind in AT_THE_END
        and choices.masked_output == "zero"
        and choices.with_state
    ]
    assert len(blank) >= 4


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_fifth_of_a_gated_cells_cases_have_integers_of_the_whole_mantissa(cell):
    for seed in SEEDS:
        regimes = Counter(choices.regime for _, choices in draws(EARLY, seed, cell=cell))
        assert 8 <= regimes["mantissa"] <= 24
    assert "mantissa" not in {
        choices.regime for _, choices in draws(EARLY, 0, cell=cell, regimes=("large", "edge"))
    }


def test_the_masks_of_cases_leave_last_steps_blank():
    masks = [
        case.mask
        for seed in range(3)
        for case in sample_cases(EARLY, seed)
        if case.mask is not None and case.masked_output == "zero"
    ]
    assert sum(not mask[:, -1].all() for mask in masks) >= 12


@pytest.mark.parametrize(
    "values",
    [
        {"hidden_size": 64, "input_size": (1, 32)},
        {"hidden_size": (2, 64), "input_size": (5, 7), "num_layers": (1, 2)},
        {"hidden_size": (5, 9), "input_size": 3, "bidirectional": True},
        {"go_backwards": True, "masks": False, "initial_states": False},
        {"bidirectional": (True, False), "input_size": (31, 33), "num_layers": 2},
        {"cell": ("gru", "lstm"), "regimes": ("ternary", "edge"), "masks": False},
    ],
)
def test_aims_keep_within_the_limits(values):
    allowed = limits(**values)
    for config, choices in draws(300, 5, **values):
        fields = vars(config) | choices._asdict()
        for name, (low, high) in allowed.sizes.items():
            assert low <= fields[name] <= high
        for name, every in allowed.choices.items():
            assert fields[name] in every
        assert choices.regime in allowed.regimes
        assert allowed.masks or choices.mask_kind == "none"
        assert allowed.initial_states or not choices.with_state


def test_limits_that_allow_inputs_as_wide_as_outputs_get_some():
    wide = [is_wide(config) for config, _ in draws(130, 1, bidirectional=True, input_size=(5, 7))]
    assert sum(wide) >= 4
    assert not any(is_wide(config) for config, _ in draws(130, 1, input_size=3, hidden_size=(5, 9)))


def test_the_lowest_and_the_highest_number_of_units_stay():
    counts = Counter(config.hidden_size for config, _ in draws(BLOCK, 0))
    assert counts[1] >= LEVELS
    assert counts[64] >= LEVELS
