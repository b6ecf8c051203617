"""Two calls of an implementation."""

from dataclasses import replace

import numpy as np

from harness.draw.generate import sample_cases
from harness.pytest_plugin.calls import difference_of_calls
from references.numpy_rnn import run


def test_nothing_is_said_of_a_right_one():
    for case in sample_cases(3):
        assert difference_of_calls(case, run) == ""


def test_a_zero_of_the_other_sign_is_a_difference_and_its_place_is_named():
    case = next(sample_cases(1))
    results = [np.zeros_like(run(case).sequence), np.zeros_like(run(case).sequence)]
    results[1][0, 0, 0] = -0.0
    difference = difference_of_calls(case, lambda case: results.pop())
    assert difference.startswith(f"1 of {run(case).sequence.size} numbers of sequence differ, ")
    assert "first sequence[0, 0, 0]: " in difference


def test_every_array_counts_and_one_that_is_missing_once_is_named():
    (case,) = sample_cases(1, cell="lstm", num_layers=2)
    outputs = run(case)
    for name in ("h_n", "c_n"):
        other = getattr(outputs, name).copy()
        other[0, 0, 0] += 1
        for array, words in (
            (other, f"first {name}[0, 0, 0]: "),
            (None, f"one of two calls gives no {name}"),
        ):
            calls = iter([outputs, replace(outputs, **{name: array})])
            assert words in difference_of_calls(case, lambda case, calls=calls: next(calls))
