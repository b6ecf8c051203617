"""What is shown of a gated step is what the loop's own equation computes, bit for bit."""

from itertools import pairwise

import numpy as np
import pytest

from harness.cli.gate_values import gated_steps
from harness.draw.example import notebook_case
from references.cells.activations import sigmoid
from references.numpy_rnn import run


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_states_are_the_loops(cell, dtype):
    case = notebook_case(True, dtype, 1, cell)
    steps, outputs = gated_steps(case), run(case)
    assert np.array_equal([step.after["h"] for step in steps], outputs.sequence[0])
    assert np.array_equal([step.inputs for step in steps], case.inputs[0])
    assert not steps[0].before["h"].any()
    for one, other in pairwise(steps):
        for state, values in one.after.items():
            assert np.array_equal(values, other.before[state])
            assert type(values) is np.ndarray
            assert values.dtype == dtype
    if cell == "lstm":
        assert np.array_equal(steps[-1].after["c"], outputs.c_n[0, 0])


@pytest.mark.parametrize(("cell", "candidate"), [("gru", "n"), ("lstm", "g")])
def test_the_gates_are_of_their_sums_and_make_the_states(cell, candidate):
    case = notebook_case(True, "float64", 2, cell)
    for step in gated_steps(case):
        assert list(step.gates) == list("rzn" if cell == "gru" else "ifgo")
        for gate, values in step.gates.items():
            function = np.tanh if gate == candidate else sigmoid
            assert np.array_equal(values, function(step.sums[gate]))
        gates, h = step.gates, step.before["h"]
        if cell == "gru":
            assert np.array_equal((1 - gates["z"]) * gates["n"] + gates["z"] * h, step.after["h"])
        else:
            c = gates["f"] * step.before["c"] + gates["i"] * gates["g"]
            assert np.array_equal(c, step.after["c"])
            assert np.array_equal(gates["o"] * np.tanh(c), step.after["h"])
