"""The cases of second calls: what is changed of the first."""

from dataclasses import replace

import numpy as np

from harness import sample_cases
from harness.judge.calls.second_calls import from_zeros, other_weights
from references.case import WEIGHTS


def test_the_second_call_has_other_weights_and_everything_else_alike():
    for case in sample_cases(10):
        other = other_weights(case)
        assert other.config == case.config
        assert np.array_equal(other.inputs, case.inputs)
        assert all(
            np.array_equal(array, -one.arrays()[name])
            for two, one in zip(other.weights, case.weights, strict=True)
            for name, array in two.arrays().items()
        )


def test_the_case_of_the_second_call_is_built_again_from_its_origin() -> None:
    case = next(case for case in sample_cases(20) if case.h_0.any())
    again = eval(
        other_weights(case).origin, {"sample_cases": sample_cases, "other_weights": other_weights}
    )
    for one, other in zip(again.weights, case.weights, strict=True):
        for name in WEIGHTS:
            assert np.array_equal(getattr(one, name), -getattr(other, name))
    assert other_weights(replace(case, origin="")).origin == ""
    again = eval(from_zeros(case).origin, {"sample_cases": sample_cases, "from_zeros": from_zeros})
    assert np.array_equal(again.weights[0].W, case.weights[0].W)
    assert not again.h_0.any()
