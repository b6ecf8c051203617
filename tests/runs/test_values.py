"""The values of a case, before and after it is drawn, and what they are called."""

from dataclasses import replace

import numpy as np
import pytest

from harness.draw.generate import cases_at, choices_at
from harness.draw.limits import limits
from harness.runs.values import WHOLE, be, expected_values, values_of, values_to_judge, words

ALLOWED = limits(time=(2, 6), hidden_size=(2, 5), input_size=(2, 5))


def test_what_is_expected_of_a_case_is_nearly_always_what_it_has():
    indices = range(300)
    cases = list(cases_at(indices, 0, ALLOWED))
    pairs = [
        (values_of(case), expected_values(*choices_at(index, 0, ALLOWED)))
        for index, case in zip(indices, cases, strict=True)
    ]
    others = [(one, other) for one, other in pairs if one != other]
    assert 0 < len(others) < 30
    changes = {frozenset([*one - other, *other - one]) for one, other in others}
    whole = frozenset([("mask", WHOLE), ("mask", True)])
    zeros = frozenset([("initial_state", True), ("initial_state", False)])
    assert whole in changes
    assert changes <= {whole, zeros, whole | zeros}


def test_a_c_of_an_lstm_that_is_not_zeros_is_an_initial_state():
    (lstm,) = cases_at([0], 0, limits(cell="lstm", initial_states=False))
    one = replace(lstm, c_0=np.ones_like(lstm.c_0))
    for case, state in ((lstm, False), (one, True)):
        assert ("initial_state", state) in values_of(case)
    (text,) = words([("initial_state", False)], ALLOWED)
    assert (text, be([text])) == ("initial states of zeros", "were")


def test_the_values_to_judge_are_those_that_the_limits_allow():
    values = values_to_judge(limits(nonlinearity="relu", num_layers=(1, 1, 2), masks=False))
    assert [value for name, value in values if name in ("nonlinearity", "num_layers")] == [
        "relu", 1, 2
    ]  # fmt: skip
    assert ("mask", True) not in values
    assert ("mask", False) in values
    assert ("mask", True) in values_to_judge(limits())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([("nonlinearity", "relu"), ("mask", True)], ["relu", "masks"]),
        ([("num_layers", 2)], ["2 layers"]),
        ([("num_layers", 2), ("num_layers", 3)], ["several layers"]),
        ([("num_layers", 1), ("bias", False)], ["1 layer", "bias=False"]),
        ([("masked_output", "zero")], ["masked_output=zero"]),
        (
            [("nonlinearity", name) for name in ("relu", "linear", "sigmoid", "softsign")],
            ["all nonlinearities but tanh"],
        ),
    ],
)
def test_values_in_words(values, expected):
    assert list(words(values, ALLOWED)) == expected


def test_verbs_go_with_their_subjects():
    assert be(["relu"]) == be(["1 layer"]) == "was"
    assert be(["masks"]) == be(["2 layers"]) == be(["relu", "linear"]) == "were"
    assert be(["all nonlinearities but tanh"]) == "were"
