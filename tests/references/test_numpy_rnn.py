"""The hand-written loop against the equations, over the whole of Config and Case."""

import numpy as np
import pytest

from harness import sample_cases
from references.case import Case, CellWeights, Config
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run
from tests.references.oracle import outputs

EXACT = ("ternary", "mantissa")
SMALL = {
    "time": (1, 7),
    "hidden_size": (1, 5),
    "input_size": (1, 4),
    "batch": (1, 3),
    "nonlinearity": ("tanh", "relu", "linear"),
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_exact_cases_equal_the_equations(seed):
    kinds = set()
    for case in sample_cases(200, seed, regimes=EXACT, **SMALL):
        actual = run(case)
        sequences, finals = outputs(case)
        assert np.array_equal(actual.sequence, sequences[-1]), case
        assert np.array_equal(actual.h_n, finals), case
        assert all(
            np.array_equal(layer, expected)
            for layer, expected in zip(actual.layers, sequences, strict=True)
        ), case
        kinds.add(
            (
                case.config.bidirectional,
                case.config.go_backwards,
                case.mask is not None,
                case.masked_output,
                case.config.num_layers > 1,
            )
        )
    assert len(kinds) > 15, "the cases must reach the combinations"


def test_the_oracle_would_notice_a_mask_read_the_other_way():
    cases = [
        case
        for case in sample_cases(200, regimes=EXACT, **SMALL)
        if case.mask is not None and not case.mask.all()
    ]
    caught = 0
    for case in cases:
        inverted = Case(
            case.config,
            case.weights,
            case.inputs,
            case.h_0,
            ~case.mask,
            case.masked_output,
        )
        caught += not np.array_equal(run(inverted).sequence, outputs(case)[0][-1])
    assert caught > len(cases) / 2


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "linear", "sigmoid", "softsign"])
def test_the_first_step_is_the_activation_of_the_pre_activation(nonlinearity):
    W, x = np.array([[0.5]]), np.array([[[0.5]]])
    case = Case(
        Config(1, 1, nonlinearity=nonlinearity, dtype="float64"),
        (CellWeights(W, W, np.array([0.25]), np.array([0.125])),),
        x,
    )
    assert (
        run(case).sequence.item()
        == {
            "tanh": np.tanh(0.625),
            "relu": 0.625,
            "linear": 0.625,
            "sigmoid": 1 / (1 + np.exp(-0.625)),
            "softsign": 0.625 / 1.625,
        }[nonlinearity]
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_computes_in_the_cases_own_dtype(dtype):
    for case in sample_cases(40, dtype=dtype):
        result = run(case)
        assert result.sequence.dtype == result.h_n.dtype == dtype


def test_the_notebooks_example_runs_through_the_entry_for_readers():
    (case,) = sample_cases(
        1, time=42, batch=1, input_size=32, hidden_size=64, num_layers=1, bidirectional=False
    )
    (cell,) = case.weights
    assert simple_rnn(case.inputs[0], cell.W, cell.U, cell.b_W).shape == (42, 64)
