"""The rounded regimes of every cell are what they say."""

import numpy as np
import pytest

from harness import sample_cases
from harness.draw.bits import seeded
from harness.draw.gated import draw_exact
from harness.draw.limits import EXACT_REGIMES, GATED, REGIMES
from harness.draw.rounded import EDGE, draw_rounded
from references.case import Config
from references.cells import CELLS
from references.numpy_rnn import run


@pytest.mark.parametrize("regime", [name for name, kinds in REGIMES.items() if "gru" in kinds])
@pytest.mark.parametrize("cell", GATED)
def test_numbers_have_the_shapes_of_the_cell(cell, regime):
    config = Config(3, 4, 2, True, cell=cell)
    draw = draw_exact if regime in EXACT_REGIMES else draw_rounded
    cells, inputs, h_0, c_0 = draw(regime, config, 2, 5, seeded(1))
    rows = 4 * len(CELLS[cell].GATES)
    shapes = [tuple(array.shape for array in one) for one in cells]
    biases = (rows,), (rows,)
    assert shapes == [((rows, I), (rows, 4), *biases) for I in (3, 3, 8, 8)]
    assert (inputs.shape, h_0.shape) == ((2, 5, 3), (4, 2, 4))
    assert (None if c_0 is None else c_0.shape) == ((4, 2, 4) if cell == "lstm" else None)


@pytest.mark.parametrize("cell", GATED)
def test_a_memory_holds_its_state(cell):
    limits = {"cell": cell, "regimes": "memory", "initial_states": True, "num_layers": 1}
    for case in sample_cases(20, 1, **limits, time=30, bias=True, masks=False, bidirectional=False):
        outputs, start = (run(case).c_n, case.c_0) if cell == "lstm" else (run(case).h_n, case.h_0)
        # One unit in seven may have a bias of 0 planted.
        assert np.quantile(np.abs(outputs - start), 0.7) < 0.5


def test_at_the_edge_a_gate_is_subnormal_or_nearly():
    shut, gone = EDGE["float32"]
    cells, *_ = draw_rounded("edge", Config(2, 64, cell="lstm"), 1, 3, seeded(1))
    bias = cells[0][2]
    at_edge = (bias < shut + 2) & (bias > gone - 2)
    assert 0.3 < at_edge.mean() < 0.7
    assert not at_edge[128:192].any(), "g is no gate"


def test_a_large_c_0_is_drawn():
    largest = [
        np.abs(case.c_0).max()
        for case in sample_cases(20, cell="lstm", regimes="large", initial_states=True)
    ]
    assert max(largest) > 1e6
