"""propagate: right evaluations lie inside, in any order and dtype; a mistake does not."""

from dataclasses import replace

import numpy as np
import pytest

from harness.draw.generate import sample_cases
from harness.judge.propagate import propagate
from references.case import Case, CellWeights, Config
from references.cells import CELLS
from references.numpy_rnn import run

KINDS = [{"cell": cell, "num_layers": 2} for cell in CELLS] + [
    {"cell": "gru", "reset_after": False}
]


def wider(case):
    """The case in float64, in which nothing is rounded to float32 between steps and layers."""
    cells = tuple(
        CellWeights(**{name: array.astype("float64") for name, array in cell.arrays().items()})
        for cell in case.weights
    )
    c_0 = None if case.c_0 is None else case.c_0.astype("float64")
    return replace(
        case,
        config=replace(case.config, dtype="float64"),
        weights=cells,
        inputs=case.inputs.astype("float64"),
        h_0=case.h_0.astype("float64"),
        c_0=c_0,
    )


def reordered(case):
    """The same case, whose sums run over the inputs in the other order."""
    D = case.config.num_directions
    cells = (*(replace(cell, W=cell.W[:, ::-1]) for cell in case.weights[:D]), *case.weights[D:])
    return replace(case, inputs=case.inputs[:, :, ::-1], weights=cells)


def inside(enclosed, array):
    room = np.abs(array.astype("float64") - enclosed.real) <= enclosed.imag
    return room | ~np.isfinite(enclosed.imag)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_right_evaluations_lie_inside(kind):
    outputs = 0
    for case in sample_cases(10, dtype="float32", hidden_size=(1, 8), time=(1, 12), **kind):
        enclosed = propagate(case)
        for other in (case, reordered(case), wider(case)):
            right = run(other)
            pairs = [*zip(enclosed.layers, right.layers, strict=True), (enclosed.h_n, right.h_n)]
            pairs += [(enclosed.c_n, right.c_n)] if case.c_0 is not None else []
            assert all(inside(*pair).all() for pair in pairs)
            outputs += sum(int(np.isfinite(one.imag).sum()) for one, _ in pairs)
    assert outputs > 3_000


def of_biases(cell, biases, **states):
    """One step of one unit from these states, whose gates have nothing but biases."""
    zeros = np.zeros((len(biases), 1), "float32")
    weights = (CellWeights(zeros, zeros, np.array(biases, "float32")),)
    states = {name: np.full((1, 1, 1), value, "float32") for name, value in states.items()}
    return Case(Config(1, 1, cell=cell), weights, np.zeros((1, 1, 1), "float32"), **states)


def test_a_gru_may_be_computed_as_what_it_adds_to_h():
    """h + (1 - z)(n - h) rounds as much as h is large, however small the sum is."""
    case = of_biases("gru", [0, -20, 1e-6], h_0=0.9)
    h, z, n = np.float32(0.9), 1 / (1 + np.exp(np.float32(20))), np.tanh(np.float32(1e-6))
    other = h + (1 - z) * (n - h)
    assert other.dtype == "float32"
    assert other > run(case).sequence.item() * 1.01
    assert inside(propagate(case).sequence, other).all()


def test_a_gate_that_is_shut_in_float32_is_not_in_float64():
    case = of_biases("lstm", [0, -200, 0, 0], h_0=0, c_0=1)
    enclosed, wide = propagate(case), run(wider(case))
    assert 0 < wide.c_n.item() < 1e-80
    assert run(case).c_n.item() == 0
    assert inside(enclosed.c_n, wide.c_n).all()
    assert inside(enclosed.sequence, wide.sequence).all()


@pytest.mark.parametrize("cell", CELLS)
def test_a_mistake_lies_outside(cell):
    limits = {"regimes": "contracting", "bias": True, "hidden_size": (4, 8), "time": (2, 8)}
    for case in sample_cases(5, cell=cell, masks=False, dtype="float32", **limits):
        cells = tuple(replace(one, b_W=one.b_W * np.float32(1.01)) for one in case.weights)
        wrong = run(replace(case, weights=cells)).sequence
        assert not inside(propagate(case).sequence, wrong).all()


def test_bounds_add_up_from_step_to_step():
    (case,) = sample_cases(
        1, regimes="chaotic", nonlinearity="tanh", masks=False, bidirectional=False,
        go_backwards=False, num_layers=1, hidden_size=16, time=30, dtype="float32",
    )  # fmt: skip
    radii = propagate(case).sequence.imag.max(axis=(0, 2))
    assert radii[-1] > 100 * radii[0] > 0


def test_it_is_no_number_where_sums_overflow():
    W = np.full((1, 1), 3e38, "float32")
    config = replace(next(sample_cases(1)).config, input_size=1, hidden_size=1, num_layers=1,
                     bidirectional=False, nonlinearity="linear", dtype="float32")  # fmt: skip
    enclosed = propagate(Case(config, (CellWeights(W, W),), np.ones((1, 3, 1), "float32") * 10))
    assert not np.isfinite(enclosed.sequence.imag).all()
