"""Tests the limits of drawing: their defaults, and one sentence for each that allows nothing."""

import pytest

from harness import sample_cases
from harness.draw.limits import CHOICES, LARGEST, REGIMES, SIZES, LimitError, limits
from references.case import NONLINEARITIES


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
    assert (allowed.sizes, allowed.choices) == (SIZES, CHOICES)
    assert (allowed.regimes, allowed.masks, allowed.initial_states) == (tuple(REGIMES), True, True)
    for name in NONLINEARITIES:
        assert set(allowed.regimes_for(name)) == {r for r in REGIMES if name in REGIMES[r]}


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
