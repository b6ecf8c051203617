"""Tests the notebook's example: its sizes, the range of its numbers, and that it repeats."""

import numpy as np
import pytest

from harness.draw.example import INPUTS, OUTPUTS, STEPS, notebook_case
from harness.judge.judge import judge
from references.numpy_rnn import run


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scaled", [False, True])
def test_the_example_has_the_notebooks_sizes_and_is_computed_by_the_loop(scaled, dtype):
    case = notebook_case(scaled, dtype, 0)
    assert (case.inputs.shape, case.config.hidden_size) == ((1, STEPS, INPUTS), OUTPUTS)
    assert case.config.dtype == dtype
    assert judge(case, run).outputs == STEPS * OUTPUTS


def test_as_it_stands_numbers_lie_in_0_to_1_and_scaled_ones_have_both_signs():
    for case, low, high in (
        (notebook_case(False, "float64", 1), 0, 1),
        (notebook_case(True, "float64", 1), -1 / np.sqrt(INPUTS), 1 / np.sqrt(INPUTS)),
    ):
        W = case.weights[0].W
        assert low <= W.min() < low + 0.01 * (high - low)
        assert high - 0.01 * (high - low) < W.max() < high
    assert not case.weights[0].b_U.any(), "the notebook has one bias"


def test_the_seed_decides_the_numbers():
    one, again, other = (notebook_case(True, "float32", seed).inputs for seed in (5, 5, 6))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(("cell", "gates"), [("gru", 3), ("lstm", 4)])
def test_a_cell_with_gates_has_two_biases(cell, gates):
    case = notebook_case(True, "float64", 0, cell)
    assert case.weights[0].W.shape == (gates * OUTPUTS, INPUTS)
    assert case.weights[0].b_U.any()
    verdict = judge(case, run)
    assert verdict.kind == "agrees"
    assert verdict.outputs >= STEPS * OUTPUTS
