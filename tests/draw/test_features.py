from dataclasses import fields, replace

import numpy as np
import pytest

from harness.draw.features import (
    CLASSES,
    FEATURES,
    PLAIN,
    class_of,
    classes,
    features,
    has,
    limits_by_class,
)
from harness.draw.generate import choices_at, sample_cases
from harness.draw.limits import CHOICES, limits
from harness.draw.masks import MASKS
from references.case import Case, CellWeights, Config


def case(config, batch=2, time=3, **rest):
    cells = config.num_layers * config.num_directions
    weights = tuple(
        CellWeights(
            np.ones(
                (config.hidden_size, config.layer_input_size(index // config.num_directions)),
                config.dtype,
            ),
            np.ones((config.hidden_size, config.hidden_size), config.dtype),
        )
        for index in range(cells)
    )
    return Case(config, weights, np.ones((batch, time, config.input_size), config.dtype), **rest)


def test_the_features_of_a_case_by_name():
    config = Config(1, 5, 2, True, "relu", False, True, "float64")
    mask = np.array([[True, False, True]] * 2)
    assert features(case(config, mask=mask, masked_output="zero")) == vars(config) | {
        "time": 3,
        "batch": 2,
        "masked_output": "zero",
        "several_layers": True,
        "several_units": True,
        "several_inputs": False,
        "several_steps": True,
        "several_rows": True,
        "has_mask": True,
        "masked": True,
        "initial_state": False,
        "recurrent_bias": False,
        "cell_state": False,
    }


def test_the_features_that_depend_on_values():
    full = np.ones((2, 3), bool)
    assert features(case(Config(2, 1), mask=full))["has_mask"]
    assert not features(case(Config(2, 1), mask=full))["masked"]
    assert not features(case(Config(2, 1)))["has_mask"]
    assert features(case(Config(2, 1), h_0=np.ones((1, 2, 1), "float32")))["initial_state"]
    assert {field.name for field in fields(Config)} < FEATURES.keys()


@pytest.mark.parametrize(("h", "c"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_each_initial_state_of_an_lstm_is_a_feature(h, c):
    states = {"h_0": np.full((1, 2, 1), h, "float32"), "c_0": np.full((1, 2, 1), c, "float32")}
    (lstm,) = sample_cases(1, **{**PLAIN, "cell": "lstm"}, batch=2, input_size=1, hidden_size=1)
    one = replace(lstm, **states)
    assert (features(one)["initial_state"], features(one)["cell_state"]) == (bool(h), bool(c))
    assert one.starts_from_zeros == (h == c == 0)


def test_a_predicate_asks_for_every_feature_and_value():
    both = has("bidirectional", "several_layers", dtype="float64")
    assert both(case(Config(2, 2, 2, True, dtype="float64")))
    assert not both(case(Config(2, 2, 2, True)))
    assert not both(case(Config(2, 2, 1, True, dtype="float64")))
    assert not both(case(Config(2, 2, 2, dtype="float64")))
    assert has()(case(Config(1, 1)))
    assert has(masked=False, num_layers=1)(case(Config(1, 1)))


def test_a_predicate_of_an_unknown_feature_is_refused_at_once():
    with pytest.raises(KeyError, match="colour"):
        has(colour="red")


def test_the_plain_case_has_configs_defaults():
    assert list(PLAIN) == [*CHOICES, "masks", "initial_states"]
    (plain,) = sample_cases(1, input_size=1, hidden_size=1, **PLAIN)
    assert plain.config == Config(1, 1)
    assert plain.mask is None
    assert not has("initial_state")(plain)


@pytest.mark.parametrize(
    ("size", "name"),
    [(1, "1"), (2, "2-7"), (7, "2-7"), (8, "8-16"), (16, "8-16"), (17, "17+"), (10**9, "17+")],
)
def test_every_size_is_in_one_class(size, name):
    assert class_of(size) == name
    assert sum(low <= size <= high for low, high in CLASSES) == 1


def test_the_classes_of_a_draw():
    config, choices = choices_at(0, 0, limits())
    choices = choices._replace(time=9, batch=1, mask_kind="left", masked_output="zero")
    names = classes(config, choices)
    assert (names["time"], names["batch"], names["mask"]) == ("8-16", "1", "left zero")
    assert classes(config, choices._replace(mask_kind="none"))["mask"] == "none"


@pytest.mark.parametrize(
    "limits_",
    [{}, {"masks": False, "initial_states": False, "time": (3, 9)}, {"regimes": "ternary"}],
)
def test_every_draw_falls_into_the_classes_that_its_limits_allow(limits_):
    allowed = limits(**limits_)
    by_class = limits_by_class(allowed)
    draws = [classes(*choices_at(index, 0, allowed)) for index in range(1500)]
    for feature in by_class:
        assert {draw[feature] for draw in draws} == by_class[feature].keys()


def test_a_class_limits_a_draw_to_itself():
    by_class = limits_by_class(limits(time=(3, 9)))
    assert by_class["time"] == {"2-7": [3, 7], "8-16": [8, 9]}
    assert by_class["bias"] == {"True": True, "False": False}
    assert len(by_class["mask"]) == 1 + 2 * (len(set(MASKS)) - 1)
    for name, ends in by_class["hidden_size"].items():
        config, choices = choices_at(0, 0, limits(hidden_size=tuple(ends)))
        assert classes(config, choices)["hidden_size"] == name
