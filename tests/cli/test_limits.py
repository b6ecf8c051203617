"""The options that limit what is drawn: their values, and their sentences for what cannot be."""

import click
import pytest
from click.testing import CliRunner

from harness.cli.limits import limit_options, pop_limits
from harness.draw.limits import CHOICES, SIZES
from tests.cli.commands import complaint

ENDS = "expected a number or a range such as 5 or 1:40, not"
BAD = [
    *(
        (("--time", text), f"Invalid value for '--time': {ENDS} {text!r}")
        for text in ("x", "", "5:", ":5", "1:2:3", "1.5")
    ),
    (("--time", "40:1"), "time is (40, 1), expected 1 <= low <= high"),
    (("--time", "-1"), "time is (-1, -1), expected 1 <= low <= high"),
    (("--time", "0:3"), "time is (0, 3), expected 1 <= low <= high"),
    (
        ("--hidden-size", "100000"),
        "a case of these limits may hold 180096005120 numbers, more than",
    ),
    (("--examples", "0"), "Invalid value for '--examples': 0 is not in the range 1<=x<=10000000."),
    (("--seed", "-1"), "Invalid value for '--seed': -1 is not in the range x>=0."),
    (("--num-layers", "0"), "Invalid value for '--num-layers': 0 is not in the range 1<=x<=64."),
    (("--dtype", "float16"), "Invalid value for '--dtype': 'float16' is not one of 'float32', "),
    (("--nonlinearity", "gelu"), "Invalid value for '--nonlinearity': 'gelu' is not one of 'tanh'"),
    (("--shapes", "0"), "Invalid value for '--shapes': 0 is not in the range 1<=x<=400."),
    (("--shapes", "2"), "shapes is 2, but a case may have 3 layers"),
    (("--layer-kinds", "1"), "Invalid value for '--layer-kinds': 1 is not in the range 2<=x<=400."),
    (("--bias", "maybe"), "Invalid value for '--bias': 'maybe' is not one of 'True', 'False'."),
]


@pytest.mark.parametrize(("words", "sentence"), BAD, ids=[" ".join(words) for words, _ in BAD])
def test_a_value_that_cannot_be_is_a_usage_error(words, sentence):
    assert complaint("verify", "numpy", *words).startswith(sentence)


def limits(*words, **names):
    """What a command of these options draws within."""

    def run(**options):
        return pop_limits(options), options

    command = click.command(limit_options(run, **names))
    return CliRunner().invoke(command, list(words), standalone_mode=False).return_value


def test_without_options_nothing_is_limited_and_nothing_is_left_of_them():
    assert limits() == ({}, {})


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--time", "5"), {"time": (5, 5)}),
        (("--batch", "1:3", "--input-size", "2"), {"batch": (1, 3), "input_size": (2, 2)}),
        (("--dtype", "float64"), {"dtype": ("float64",)}),
        (("--bias", "False", "--bias", "True"), {"bias": (False, True)}),
        (("--no-masks", "--initial-states"), {"masks": False, "initial_states": True}),
        (("--num-layers", "2", "--num-layers", "1"), {"num_layers": (2, 1)}),
        (("--regime", "mantissa"), {"regimes": ("mantissa",)}),
        (("--shapes", "24"), {"shapes": 24}),
        (("--layer-kinds", "9"), {"layer_kinds": 9}),
    ],
)
def test_options_limit_what_is_drawn(words, expected):
    assert limits(*words) == (expected, {})


def test_the_option_for_steps_may_have_another_name():
    assert limits("--time-steps", "1:2", time="--time-steps") == ({"time": (1, 2)}, {})


def test_every_limit_has_an_option():
    help_text = CliRunner().invoke(click.command(limit_options(lambda **options: None)), ["--help"])
    for name in (*SIZES, *CHOICES, "masks", "initial_states", "regime", "shapes"):
        assert f"--{name.replace('_', '-')} " in help_text.output


def test_limits_that_allow_nothing_are_a_usage_error():
    words = ("--regime", "mantissa", "--nonlinearity", "sigmoid")
    assert complaint("verify", "numpy", *words).startswith("nonlinearity is 'sigmoid', but regimes")
