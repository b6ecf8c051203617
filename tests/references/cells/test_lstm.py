"""The equation of the LSTM, against hand-made numbers and the oracle."""

import numpy as np
import pytest

from references.case import Case, CellWeights, Config
from references.numpy_rnn import run
from tests.references.gated import FORMS, gated_case
from tests.references.oracle import all_outputs


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_the_loop_gives_what_the_equations_say(form):
    case = gated_case("lstm", **form)
    actual, (sequences, finals, final_cells) = run(case), all_outputs(case)
    for layer, expected in zip(actual.layers, sequences, strict=True):
        assert np.abs(layer - expected).max() < 1e-14
    assert np.abs(actual.h_n - finals).max() < 1e-14
    assert np.abs(actual.c_n - final_cells).max() < 1e-14


@pytest.mark.parametrize(
    ("gates", "c"),  # the pre-activations of i, f, g, o; then c from c = 3
    [
        ((-999, 99, 0.5, 0), 3),  # nothing enters, all is remembered
        ((99, -999, 0.5, 0), np.tanh(0.5)),  # all enters, all is forgotten
        ((0, 0, 99, 0), 0.5 * 3 + 0.5),
    ],
)
def test_i_lets_in_and_f_remembers(gates, c):
    weights = CellWeights(np.zeros((4, 1)), np.zeros((4, 1)), np.array(gates, float))
    case = Case(
        Config(1, 1, cell="lstm", dtype="float64"),
        (weights,),
        np.zeros((1, 1, 1)),
        c_0=np.full((1, 1, 1), 3.0),
    )
    outputs = run(case)
    assert outputs.c_n.item() == c
    assert outputs.sequence.item() == outputs.h_n.item() == 0.5 * np.tanh(c)


@pytest.mark.parametrize("masked_output", ["repeat", "zero"])
def test_a_masked_step_carries_both_states_on(masked_output):
    case = gated_case("lstm", masked_output=masked_output)
    outputs = run(case)
    assert np.array_equal(outputs.c_n[:, -1], case.c_0[:, -1])  # a row of no valid step
    assert np.array_equal(outputs.h_n[:, -1], case.h_0[:, -1])
