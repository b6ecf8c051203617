"""Gates in other orders, on weights whose blocks are told apart by their numbers."""

import numpy as np
import pytest

from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.families.gates import hard_sigmoid, monotone
from references.case import WEIGHTS, Case, CellWeights, Config
from references.cells import CELLS


def prepare(name, cell):
    """The weights that the loop runs on; block k of each array holds k, plus a triangle in U."""
    k = np.repeat(np.arange(len(CELLS[cell].GATES), dtype=float), 2)
    U = k[:, None] + np.tile([[0, 0.5], [0, 0]], (len(k) // 2, 1))
    weights = CellWeights(np.tile(k[:, None], 3), U, k, k)
    case = Case(Config(3, 2, cell=cell, dtype="float64"), (weights,), np.ones((1, 2, 3)))
    assert BY_NAME[name].applies(case)
    (cell_weights,) = BY_NAME[name].edits.prepare(case).weights
    return cell_weights


def order(array):
    """The block that stands in each gate's place."""
    return np.floor(array.reshape(len(array), -1)[::2, 0]).astype(int).tolist()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gru gates in Keras' and ONNX's order", [1, 0, 2]),
        ("gru gates r and n swapped", [2, 1, 0]),
        ("gru gates z and n swapped", [0, 2, 1]),
        ("lstm gates in ONNX's order", [0, 2, 3, 1]),
        ("lstm gates in the inverse of ONNX's order", [0, 3, 1, 2]),
        ("lstm gates in TensorFlow 1's order", [0, 2, 1, 3]),
        ("lstm gates i and o swapped", [3, 1, 2, 0]),
        ("gru gates of a unit side by side", [0, 0, 1]),
        ("lstm gates of a unit side by side", [0, 0, 1, 1]),
    ],
)
def test_the_block_that_each_gate_uses(name, expected):
    weights = prepare(name, name.split()[0])
    assert [order(getattr(weights, array)) for array in WEIGHTS] == [expected] * 4


@pytest.mark.parametrize(
    ("words", "arrays"), [("W", {"W"}), ("U", {"U"}), ("the biases", {"b_W", "b_U"})]
)
def test_one_array_alone_is_in_another_order(words, arrays):
    weights = prepare(f"gru gates of {words} in Keras' and ONNX's order", "gru")
    orders = {name: order(getattr(weights, name)) for name in WEIGHTS}
    assert orders == {name: [1, 0, 2] if name in arrays else [0, 1, 2] for name in WEIGHTS}


def test_u_of_one_gate_is_transposed_and_that_of_all():
    alone = prepare("lstm U of gate f transposed", "lstm").U
    assert alone[2:4].tolist() == [[1, 1], [1.5, 1]]
    assert alone[4:6].tolist() == [[2, 2.5], [2, 2]]
    every = prepare("U transposed", "lstm").U
    assert every[4:6].tolist() == [[2, 2], [2.5, 2]]


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_one_gate_alone_is_left_at_zero(cell):
    for place, gate in enumerate(CELLS[cell].GATES):
        weights = prepare(f"{cell} gate {gate} left at zero", cell)
        for name in WEIGHTS:
            blocks = np.split(getattr(weights, name), len(CELLS[cell].GATES))
            assert not blocks.pop(place).any()
            assert order(np.concatenate(blocks)) == [
                other for other in range(len(blocks) + 1) if other != place
            ]


def test_u_is_poured_into_another_shape():
    U = prepare("U reshaped", "gru").U
    assert U[:, 0].tolist() == [0, 0.5, 0, 0, 1, 1.5]


def test_straight_lines_for_sigmoid():
    assert hard_sigmoid(0.2)(np.array([-9.0, 0, 1, 9])).tolist() == [0, 0.5, 0.7, 1]


def test_the_image_of_an_interval_holds_both_ends():
    numbers = np.array([1.3 + 0.4j, 2 + 0j])
    images = monotone(np.floor, numbers)
    assert images.imag.tolist()[1] == 0
    assert images.real.tolist() == [0.5, 2]
    assert abs(images.imag[0] - 0.5) < 1e-9
    assert images.imag[0] >= 0.5
    assert monotone(np.floor, np.array([1.5])).tolist() == [1]
