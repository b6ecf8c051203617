"""The equation of the GRU, against hand-made numbers and the oracle."""

import numpy as np
import pytest

from references.case import Case, CellWeights, Config
from references.numpy_rnn import run
from tests.references.gated import FORMS, gated_case
from tests.references.oracle import all_outputs


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_the_loop_gives_what_the_equations_say(form, reset_after):
    case = gated_case("gru", reset_after=reset_after, **form)
    actual, (sequences, finals, _) = run(case), all_outputs(case)
    for layer, expected in zip(actual.layers, sequences, strict=True):
        assert np.abs(layer - expected).max() < 1e-14
    assert np.abs(actual.h_n - finals).max() < 1e-14
    assert actual.c_n is None


def one_step(biases, h, reset_after=True):
    """h after one step of one unit, from the biases of r, z and n: b_W first, then b_U."""
    weights = CellWeights(np.zeros((3, 1)), np.ones((3, 1)) * [[0], [0], [2.0]], *biases)
    config = Config(1, 1, cell="gru", dtype="float64", reset_after=reset_after)
    case = Case(config, (weights,), np.zeros((1, 1, 1)), np.full((1, 1, 1), h))
    return run(case).sequence.item()


def test_z_keeps_the_old_state_and_1_minus_z_takes_the_candidate():
    zero = np.zeros(3)
    assert one_step((np.array([0, 99, 0.5]), zero), 0.25) == 0.25
    assert one_step((np.array([-999, -999, 0.5]), zero), 0.25) == np.tanh(0.5)


def test_r_multiplies_the_bias_of_u_where_it_resets_after_the_product_only():
    biases = np.array([0, -999, 0.5]), np.array([0, 0, 0.25])
    assert one_step(biases, 0.5) == np.tanh(0.5 + 0.5 * (2 * 0.5 + 0.25))
    assert one_step(biases, 0.5, reset_after=False) == np.tanh(2 * (0.5 * 0.5) + 0.75)
