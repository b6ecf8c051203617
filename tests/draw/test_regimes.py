"""Tests the regimes: exact ones leave no room, and all of them are conclusive."""

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.bits import seeded
from harness.draw.limits import EXACT_REGIMES, GATED, REGIMES
from harness.draw.regimes import draw_numbers
from harness.judge.judge import judge
from references.case import Config
from references.numpy_rnn import run

OF_AN_RNN = [regime for regime, kinds in REGIMES.items() if set(kinds) - set(GATED)]


def limit(kind):
    """The limit to a nonlinearity of an rnn, or to a gated cell."""
    return {"cell" if kind in GATED else "nonlinearity": kind}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("regime", "kind"), [(r, n) for r in EXACT_REGIMES for n in REGIMES[r] if n != "lstm"]
)
def test_exact_regimes_leave_no_room_at_any_output(regime, kind, dtype):
    for case in sample_cases(
        6,
        regimes=regime,
        **limit(kind),
        dtype=dtype,
        time=(1, 200),
        hidden_size=(1, 128),
    ):
        verdict = judge(case, run, calls=1)
        assert verdict.kind == "agrees", str(verdict)
        assert verdict.exact == verdict.outputs, case


@pytest.mark.slow
def test_every_regime_is_conclusive():
    for regime, kinds in REGIMES.items():
        for kind in kinds:
            verdicts = [
                judge(case, run, calls=1) for case in sample_cases(4, regimes=regime, **limit(kind))
            ]
            assert {verdict.kind for verdict in verdicts} == {"agrees"}, (regime, kind)


@pytest.mark.parametrize("regime", OF_AN_RNN)
def test_numbers_have_the_shapes_and_the_dtype_of_the_config(regime):
    config = Config(3, 4, 2, True, dtype="float64")
    weights, inputs, h_0, c_0 = draw_numbers(regime, config, 2, 5, True, seeded(1))
    assert c_0 is None
    assert [cell.W.shape for cell in weights] == [(4, 3), (4, 3), (4, 8), (4, 8)]
    assert (inputs.shape, h_0.shape) == ((2, 5, 3), (4, 2, 4))
    assert {inputs.dtype.name, h_0.dtype.name, weights[0].U.dtype.name} == {"float64"}


@pytest.mark.parametrize("regime", OF_AN_RNN)
def test_without_a_bias_or_a_state_they_are_zeros_and_all_else_is_drawn_alike(regime):
    config = Config(3, 4, bias=False)
    plain = draw_numbers(regime, config, 2, 5, False, seeded(1))
    for zeros in (plain.h_0, plain.weights[0].b_W, plain.weights[0].b_U):
        assert not zeros.any()
    other = draw_numbers(regime, config, 2, 5, True, seeded(1))
    assert other.h_0.any()
    assert np.array_equal(plain.inputs, other.inputs)


def test_ternary_numbers_are_few_and_weights_are_multiples_of_32():
    (cell,), inputs, h_0, _ = draw_numbers("ternary", Config(8, 8), 4, 9, True, seeded(2))
    assert set(np.unique(inputs)) == set(np.unique(h_0)) == {-1, 0, 1}
    assert all(not np.fmod(array, 32).any() for array in cell.arrays().values())
