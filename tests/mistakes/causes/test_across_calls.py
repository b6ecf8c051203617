"""What shows from call to call only: what is kept, what varies; and what is right."""

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from harness import sample_cases
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.causes.across_calls import OFTEN, mistake_across_calls, of_one_call, varies
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.causes.probes import probes
from references.cells import CELLS
from references.notebook import from_notebook
from references.numpy_rnn import run

LIMITS = {"num_layers": 1, "bidirectional": False, "masks": False, "initial_states": True}
CASES = {
    cell: next(sample_cases(1, 3, cell=cell, regimes="contracting", **LIMITS)) for cell in CELLS
}
KEPT = ["state carried across calls", "zero state not reset", "different on every call"]


@pytest.mark.parametrize("cell", CASES)
@pytest.mark.parametrize("name", KEPT)
def test_what_a_planted_mistake_keeps_is_found(name, cell):
    probe = probes(CASES[cell])[0]
    found = mistake_across_calls(probe, BY_NAME[name].plant())
    assert found is BY_NAME[name]


@pytest.mark.parametrize("cell", CASES)
def test_a_right_loop_and_one_that_is_always_wrong_keep_nothing(cell):
    probe = probes(CASES[cell])[0]
    assert mistake_across_calls(probe, run) is None
    assert mistake_across_calls(probe, BY_NAME["U transposed"].plant()) is None


def test_one_buffer_for_all_calls_is_found():
    buffers = {}

    def fills(case):
        sequence = run(case).sequence
        buffer = buffers.setdefault(sequence.shape, np.empty_like(sequence))
        buffer[:] = sequence
        return buffer

    assert mistake_across_calls(probes(CASES["rnn"])[0], fills).name == "one buffer for all calls"


def test_outputs_vary_where_one_of_many_calls_gives_others():
    calls, case = count(1), CASES["rnn"]
    right = run(case)

    def seldom(case):
        other = run(case)
        return replace(other, sequence=-other.sequence) if next(calls) == OFTEN else other

    assert varies(case, right, seldom)
    assert not varies(case, right, run)


def test_a_notebooks_function_is_looked_at_on_one_row():
    (case,) = sample_cases(1, 2, cell="rnn", batch=3, **LIMITS)
    assert of_one_call(case, run).batch == 3
    notebook = from_notebook(lambda inputs, W, U, b: np.zeros((len(inputs), len(b))))
    assert of_one_call(case, notebook).batch == 1


def test_a_state_that_goes_on_from_row_to_row_and_call_to_call_is_named():
    """A notebook's function is called for one row at a time."""
    kept = {}

    def notebook(inputs, W, U, b):
        h = kept.get(len(b), np.zeros_like(b))
        outputs = []
        for x in inputs:
            h = np.tanh(W @ x + U @ h + b)
            outputs.append(h)
        kept[len(b)] = h
        return np.stack(outputs)

    limits = {"hidden_size": 3, "time": 4, "batch": 2, "dtype": "float64", "num_layers": 1}
    limits["bidirectional"] = False
    (case,) = sample_cases(
        1, 3, go_backwards=False, masks=False, initial_states=False, nonlinearity="tanh", **limits
    )
    implementation = from_notebook(notebook)
    assert diagnose(case, implementation).names == ("state carried across calls",)
