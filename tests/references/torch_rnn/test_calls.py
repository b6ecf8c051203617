"""The ways of calling torch's layers give what the loop gives, and build what users build."""

import numpy as np
import pytest

from harness import check, sample_cases

torch = pytest.importorskip("torch")
from references.torch_rnn.calls import build, compute, run  # noqa: E402
from references.torch_rnn.options import Options  # noqa: E402

pytestmark = pytest.mark.framework
LIMITS = {"go_backwards": False, "masks": False, "nonlinearity": ("tanh", "relu"), "time": (2, 5)}


def test_a_call_computes_the_case():
    for case in sample_cases(5, **LIMITS):
        check(case, run)


def test_arguments_by_position_build_the_same_module():
    case = next(sample_cases(1, **LIMITS, num_layers=2, bidirectional=True))
    named, positional = build(case, Options()), build(case, Options(module="positional"))
    assert repr(named) == repr(positional)


def test_halves_are_joined_in_time():
    limits = {**LIMITS, "nonlinearity": "tanh", "regimes": "ternary"}
    case = next(sample_cases(1, **limits, bidirectional=False, num_layers=1))
    whole, halves = run(case), compute(case, Options(state="halves"))
    assert np.array_equal(whole.sequence, halves.sequence)
    assert np.array_equal(whole.h_n, halves.h_n)
