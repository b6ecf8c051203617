"""Tests the limits of drawing: their defaults, and one sentence for each that allows nothing."""

import re
from pathlib import Path

import numpy as np
import pytest

from harness import sample_cases
from harness.cli.campaign import start
from harness.cli.verify import verify
from harness.draw.limits import (
    CHOICES,
    DEFAULTS,
    FEW,
    FLAGS,
    LARGEST,
    MOST_COUNT,
    MOST_LAYERS,
    NAMES,
    REGIMES,
    SIZES,
    LimitError,
    limits,
    plain,
)
from references.case import NONLINEARITIES, Config


def test_a_scalar_of_numpys_is_pythons_and_all_else_is_as_it_is():
    values = plain([np.int64(3), (np.float32(0.5), np.True_), np.str_("a"), 3.5, None])
    assert values == [3, (0.5, True), "a", 3.5, None]
    assert [type(value) for value in values] == [int, tuple, str, float, type(None)]
    array = np.ones(3)
    assert plain(array) is array


@pytest.mark.parametrize(
    ("limits", "error", "sentence"),
    [
        (
            {"hiden_size": 3},
            TypeError,
            "hiden_size is no limit; the limits are time, batch, input_size, hidden_size, ",
        ),
        ({"time": (5, 2)}, ValueError, r"time is \(5, 2\), expected 1 <= low <= high"),
        ({"time": 0}, ValueError, r"time is 0, expected 1 <= low <= high"),
        ({"batch": "3"}, TypeError, r"batch is '3', expected a whole number or \(low, high\)"),
        ({"dtype": "float16"}, ValueError, "dtype is 'float16', expected one of float32, float64"),
        ({"nonlinearity": ()}, ValueError, "nonlinearity is empty, expected a value or several"),
        ({"bidirectional": 1}, ValueError, "bidirectional is 1, expected one of False, True"),
        ({"num_layers": 0}, ValueError, "num_layers is 0, expected a whole number from 1 to 64"),
        ({"masks": "no"}, TypeError, "masks is 'no', expected True or False"),
        *(
            (
                {"shapes": value},
                TypeError,
                f"shapes is {value!r}, expected a whole number from 1 to",
            )
            for value in (0, -3, 401, "24", True, 2.0)
        ),
        (
            {"shapes": 2},
            ValueError,
            "shapes is 2, but a case may have 3 layers; the lowest layers .* expected at least 3",
        ),
        (
            {"regimes": "ternary", "nonlinearity": "relu"},
            ValueError,
            "nonlinearity is 'relu', but regimes ternary exist for others only",
        ),
        (
            {"hidden_size": 10**9},
            ValueError,
            f"a case of these limits may hold [0-9]+ numbers, more than {LARGEST}; lower batch",
        ),
    ],
)
def test_limits_that_allow_nothing_get_a_sentence(limits, error, sentence):
    with pytest.raises(error, match=sentence):
        sample_cases(1, **limits)


def test_without_limits_the_whole_space_is_allowed():
    allowed = limits()
    choices = CHOICES | {"cell": ("rnn",), "reset_after": (True,)}
    assert (allowed.sizes, allowed.choices) == (SIZES, choices)
    assert (allowed.regimes, allowed.masks, allowed.initial_states) == (tuple(REGIMES), True, True)
    for name in NONLINEARITIES:
        regimes = allowed.regimes_for(Config(1, 1, nonlinearity=name))
        assert set(regimes) == {r for r in REGIMES if name in REGIMES[r]}


def test_shapes_are_not_limited_unless_asked_for():
    assert (limits().shapes, limits().text) == (None, "")
    assert limits(shapes=None).shapes is None
    assert (limits(shapes=24).shapes, limits(shapes=24).text) == (24, ", shapes=24")
    assert limits(shapes=1, num_layers=1).shapes == 1


@pytest.mark.parametrize("name", FEW)
@pytest.mark.parametrize("count", [0, 401, 2.0, True, "9"])
def test_what_is_few_is_a_whole_number(name, count):
    least = {"shapes": 1, "layer_kinds": 2}[name]
    with pytest.raises(
        LimitError, match=f"{name} is .*, expected a whole number from {least} to 400"
    ):
        limits(**{name: count})
    assert getattr(limits(**{name: 400}), name) == 400


def test_a_regime_draws_the_nonlinearities_that_it_exists_for():
    allowed = limits(regimes="ternary", time=3)
    assert set(allowed.choices["nonlinearity"]) == {"tanh"}
    assert allowed.sizes["time"] == (3, 3)
    assert allowed.text == ", regimes='ternary', time=3"


def test_an_error_of_limits_is_a_type_error_and_a_value_error():
    with pytest.raises(LimitError) as error:
        limits(layers=2)
    assert isinstance(error.value, TypeError)
    assert isinstance(error.value, ValueError)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"cell": "peephole"}, "cell is 'peephole', expected one of rnn, gru, lstm"),
        (
            {"cell": "lstm", "nonlinearity": "relu"},
            "nonlinearity is 'relu', but only a cell rnn has that",
        ),
        (
            {"cell": ("rnn", "lstm"), "reset_after": False},
            "reset_after is False, but only a cell gru has that",
        ),
        (
            {"cell": "gru", "nonlinearity": ("tanh", "relu")},
            "nonlinearity is 'relu', but only a cell rnn has that",
        ),
        (
            {"cell": "lstm", "reset_after": (True, False)},
            "reset_after is False, but only a cell gru has that",
        ),
        (
            {"cell": ("lstm", "rnn"), "regimes": ("memory", "edge")},
            "cell is 'rnn', but regimes memory, edge exist for others only",
        ),
        ({"regimes": "memory"}, "cell is 'rnn', but regimes memory exist for others only"),
        (
            {"cell": ("rnn", "lstm"), "regimes": "memory", "nonlinearity": "tanh"},
            "nonlinearity is 'tanh', but regimes memory exist for others only",
        ),
    ],
    ids=str,
)
def test_limits_on_gates_that_allow_nothing_get_a_sentence(values, sentence):
    with pytest.raises(LimitError, match=f"^{sentence}"):
        limits(**values)


def test_what_a_cell_has_alone_limits_no_other():
    allowed = limits(cell=("rnn", "gru"), nonlinearity="relu", reset_after=False)
    assert allowed.names == ["relu", "gru"]
    assert allowed.kinds == [
        {"nonlinearity": "relu"},
        {"cell": "gru", "reset_after": False},
    ]
    assert limits(cell="gru", nonlinearity="tanh").choices["nonlinearity"] == ("tanh",)
    assert limits(cell="lstm", regimes="memory").names == ["lstm"]


def test_each_cell_is_drawn_as_often_as_any_other():
    kinds = limits(cell=("rnn", "gru", "lstm")).kinds
    cells = [kind.get("cell", "rnn") for kind in kinds]
    assert cells.count("rnn") == cells.count("gru") == cells.count("lstm") == len(kinds) / 3
    assert sum(not kind.get("reset_after", True) for kind in kinds) == len(kinds) / 6


def test_the_regimes_of_a_gated_cell_are_its_own():
    allowed = limits(cell="lstm")
    assert set(allowed.regimes_for(Config(1, 1, cell="lstm"))) == set(REGIMES)
    assert allowed.names == ["lstm"]


MANUAL = Path(__file__).parents[2] / "references" / "README.md"
ROWS = [
    re.split(r" \| ", line.strip("| "))
    for line in MANUAL.read_text("utf-8")
    .partition("## Limits")[2]
    .partition("\n## ")[0]
    .splitlines()
    if line.startswith("| `")
]


def options_of(command, name):
    """The options by which a command takes a limit."""
    (one,) = (option for option in command.params if option.name == name)
    return [*one.opts, *one.secondary_opts]


def test_the_manual_lists_every_limit_in_order():
    assert tuple(name.strip("`") for name, *_ in ROWS) == NAMES


@pytest.mark.parametrize(("name", "takes", "default", "option"), ROWS, ids=NAMES)
def test_the_manuals_row_of_a_limit_is_true(name, takes, default, option):
    name = name.strip("`")
    options = re.findall(r"`(--[a-z-]+)`", option)
    assert options[:1] == options_of(verify, name)[:1]
    assert {*options} == {*options_of(verify, name), *options_of(start, name)}
    if name in SIZES:
        assert default == str(SIZES[name])
    elif name in FLAGS:
        assert default == "True"
    elif name in FEW:
        assert default == "any number"
        assert takes.endswith(f" to {MOST_COUNT}")
        for value in map(int, re.findall(r"\d+", takes)):
            limits(num_layers=1, **{name: value})
    else:
        every = REGIMES if name == "regimes" else dict.fromkeys(CHOICES[name])
        drawn = dict.fromkeys(DEFAULTS.get(name, every))
        expected = "all" if [*drawn] == [*every] else ", ".join(map(str, drawn))
        if name == "num_layers":
            expected, every = ", ".join(map(str, every)), (f"1 to {MOST_LAYERS}",)
        assert default == expected
        assert takes.partition(";")[0] == ", ".join(map(str, every))
