"""A right loop whose outputs are rounded at the end is told so; one that rounds inside is not."""

from functools import partial

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.causes.evidence import Sample
from harness.mistakes.causes.rounded_outputs import rounded_outputs
from harness.mistakes.families.numerics import round_to
from harness.mistakes.mistake import NOTHING, run
from harness.mistakes.right_variants import edits_in_order, one_by_one
from references.cells import CELLS
from tests.mistakes.by_hand import linear

LIMITS = {"regimes": "contracting", "time": (4, 9), "hidden_size": (3, 9), "nonlinearity": "tanh"}
CASES = {
    (cell, dtype): next(iter(sample_cases(1, 4, cell=cell, dtype=dtype, **LIMITS)))
    for cell in CELLS
    for dtype in ("float32", "float64")
}
ROUNDINGS = [
    ("float32", "4 decimals", partial(np.round, decimals=4)),
    ("float64", "8 decimals", partial(np.round, decimals=8)),
    ("float32", "1 decimal", partial(np.round, decimals=1)),
    ("float32", "whole numbers", np.round),
    ("float32", "bfloat16", partial(round_to, 8)),
    ("float32", "float16", lambda a: a.astype("float16").astype(a.dtype)),
    ("float64", "float32", lambda a: a.astype("float32").astype(a.dtype)),
]


def rounds(change):
    """The loop in another order of sums, whose sequence is rounded."""
    edits = edits_in_order(NOTHING, one_by_one)
    return lambda case: change(run(case, edits).sequence)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("dtype", "words", "change"), ROUNDINGS)
def test_the_rounding_is_said(cell, dtype, words, change):
    case = CASES[cell, dtype]
    assert judge(case, rounds(change)).kind == "differs"
    diagnosis = diagnose(case, rounds(change))
    assert diagnosis.names == ()
    assert f"right but for a rounding to {words}; the states" in diagnosis.sentence


@pytest.mark.parametrize("name", ["float16 inside", "bfloat16 inputs", "U transposed"])
def test_what_is_wrong_inside_is_no_rounding_of_outputs(name):
    case = CASES["rnn", "float32"]
    wrong = run(case, edits_in_order(BY_NAME[name].edits, one_by_one))
    assert rounded_outputs([Sample.of(case, lambda case: wrong)]) == ""
    assert diagnose(case, BY_NAME[name].plant()).names == (name,)


def test_a_small_error_of_large_numbers_is_no_rounding():
    """The room that other orders of sums have is wider there than the last decimals."""
    case = linear([1e6 / 3, 1e6 / 7, 1e6 / 11])

    def rough(case):
        return run(case).sequence * (1 + 4 * np.finfo(float).eps)

    assert rounded_outputs([Sample.of(case, rough)]) == ""
    assert "1 decimal;" in rounded_outputs([Sample.of(case, lambda c: run(c).sequence.round(1))])


def test_right_outputs_are_not_rounded():
    case = CASES["rnn", "float32"]
    assert rounded_outputs([Sample.of(case, run)]) == ""


def test_numbers_that_are_too_large_for_float16_raise_no_warning():
    limits = {"regimes": "large", "nonlinearity": "linear", "dtype": "float32", "num_layers": 1}
    (case,) = sample_cases(1, 2, cell="rnn", time=8, **limits)
    assert np.abs(run(case).sequence).max() > 1e6
    assert rounded_outputs([Sample.of(case, lambda case: -run(case).sequence)]) == ""
