"""The ways of calling torch's layers give what the loop gives, and build what users build."""

from dataclasses import replace

import numpy as np
import pytest

from harness import Mismatch, check, sample_cases

torch = pytest.importorskip("torch")
from references.torch_rnn.calls import build, compute, run  # noqa: E402
from references.torch_rnn.options import Options  # noqa: E402
from tests.references.gated import FORMS, gated_case  # noqa: E402

pytestmark = pytest.mark.framework
LIMITS = {"go_backwards": False, "masks": False, "nonlinearity": ("tanh", "relu"), "time": (2, 5)}


def test_a_call_computes_the_case():
    for case in sample_cases(5, **LIMITS):
        check(case, run)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize(
    "fields", [f for f in FORMS if not f.keys() & {"go_backwards", "masked_output"}]
)
def test_a_call_computes_a_gated_case(cell, fields, dtype):
    for seed in range(3):
        case = gated_case(cell, seed, dtype=dtype, **fields)
        verdict = check(case, run)
        states = 2 if cell == "lstm" else 1
        outputs = run(case)
        assert (outputs.c_n is not None) == (states == 2)
        assert verdict.outputs >= outputs.sequence.size


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_arguments_by_position_build_the_same_module(cell):
    case = gated_case(cell, num_layers=2, bidirectional=True)
    named, positional = build(case, Options()), build(case, Options(module="positional"))
    assert repr(named) == repr(positional)


def test_every_argument_of_an_lstm_can_stand_by_position():
    case = gated_case("lstm")
    assert build(case, Options(module="all positional")).weight_hh_l0.dtype == torch.float64


def test_halves_are_joined_in_time():
    limits = {**LIMITS, "nonlinearity": "tanh", "regimes": "ternary"}
    case = next(sample_cases(1, **limits, bidirectional=False, num_layers=1))
    whole, halves = run(case), compute(case, Options(state="halves"))
    assert np.array_equal(whole.sequence, halves.sequence)
    assert np.array_equal(whole.h_n, halves.h_n)


@pytest.mark.parametrize("state", ["h_0", "c_0"])
@pytest.mark.parametrize("options", [Options(), Options(module="cells"), Options(layout="packed")])
def test_each_initial_state_reaches_an_lstm(state, options):
    case = gated_case("lstm")
    other = replace(case, **{state: -getattr(case, state)})
    check(other, lambda case: compute(case, options))
    with pytest.raises(Mismatch):
        check(case, lambda _: compute(other, options))
