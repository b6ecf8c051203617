"""The mission: the hand-written loop, PyTorch's layers and Keras' give identical outputs.

Identical means equal wherever arithmetic leaves no room, and elsewhere inside the bound that
rounding-error analysis derives.
"""

import pytest
from hypothesis import given, settings

from harness import cases, check
from references import REFERENCES, from_notebook, installed
from references.cells.rnn import simple_rnn

# What every framework can do; what only some can is drawn in test_whole_space.py.
COMMON = {"nonlinearity": ("tanh", "relu"), "go_backwards": False, "masks": False}
GATED = {"cell": ("gru", "lstm"), "reset_after": True, "go_backwards": False, "masks": False}
NOTEBOOK = {
    "time": 42,
    "batch": 1,
    "input_size": 32,
    "hidden_size": 64,
    "num_layers": 1,
    "bidirectional": False,
}


@given(case=cases(**COMMON))
@settings(max_examples=8)
def test_output_sequences_are_identical(implementation, case):
    check(case, implementation)


@pytest.mark.deep
@given(case=cases(**COMMON))
@settings(max_examples=50)
def test_output_sequences_are_identical_at_length(fast_implementation, case):
    check(case, fast_implementation)


@given(case=cases(**GATED))
@settings(max_examples=6)
def test_output_sequences_of_gated_cells_are_identical(implementation, case):
    check(case, implementation)


@pytest.mark.deep
@given(case=cases(**GATED))
@settings(max_examples=20)
def test_output_sequences_of_gated_cells_are_identical_at_length(fast_implementation, case):
    check(case, fast_implementation)


@given(case=cases(**COMMON, **NOTEBOOK))
@settings(max_examples=4)
def test_output_sequences_of_the_notebooks_shape_are_identical(implementation, case):
    check(case, implementation)


@given(
    case=cases(
        **NOTEBOOK, nonlinearity="tanh", go_backwards=False, masks=False, initial_states=False
    )
)
@settings(max_examples=20)
def test_the_notebooks_own_function_is_the_loop(case):
    assert check(case, from_notebook(simple_rnn)).outputs == 42 * 64


def test_no_framework_is_missing_where_the_tests_are_installed():
    assert set(installed()) == set(REFERENCES), "pip install '.[test]' installs every framework"
