"""What a node holds: arrays in ONNX's order of gates, worked out by hand, and its attributes."""

import numpy as np
import pytest

pytest.importorskip("onnx")
from references.case import CellWeights, Config
from references.onnx_rnn.nodes import GATED, GATES, arrays_of, attributes, cells_of
from tests.references.gated import gated_case
from tests.references.same import assert_same

pytestmark = pytest.mark.framework


def weights_of(arrays, cell):
    return tuple(CellWeights(**own) for own in cells_of(arrays, cell))


def column(*numbers):
    return np.array(numbers, "float32")[:, np.newaxis]


def test_the_gates_of_an_lstm_stand_as_i_o_f_c():
    cell = CellWeights(column(1, 2, 3, 4), column(5, 6, 7, 8), column(1, 2, 3, 4)[:, 0])
    arrays = arrays_of([cell], Config(1, 1, cell="lstm"))  # ours: i, f, g, o
    assert arrays["W"].tolist() == [[[1], [4], [2], [3]]]
    assert arrays["R"].tolist() == [[[5], [8], [6], [7]]]
    assert arrays["B"].tolist() == [[1, 4, 2, 3, 0, 0, 0, 0]]


def test_the_gates_of_a_gru_stand_as_z_r_h_and_its_biases_one_after_the_other():
    cell = CellWeights(column(1, 2, 3), column(4, 5, 6), np.ones(3, "f"), np.array([7, 8, 9], "f"))
    arrays = arrays_of([cell], Config(1, 1, cell="gru"))  # ours: r, z, n
    assert arrays["W"].tolist() == [[[2], [1], [3]]]
    assert arrays["R"].tolist() == [[[5], [4], [6]]]
    assert arrays["B"].tolist() == [[1, 1, 1, 8, 7, 9]]


def test_without_bias_there_is_no_b():
    cell = CellWeights(column(1), column(2))
    assert arrays_of([cell], Config(1, 1, bias=False)).keys() == {"W", "R"}


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_weights_come_back_in_our_order(cell):
    case = gated_case(cell, bidirectional=True)
    arrays = arrays_of(case.weights, case.config)
    assert_same((0, weights_of(arrays, cell)), (0, case.weights))


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_law_of_the_order_would_notice_another_one(cell, monkeypatch):
    case = gated_case(cell)
    arrays = arrays_of(case.weights, case.config)
    monkeypatch.setitem(GATES, cell, GATES[cell][::-1])
    with pytest.raises(AssertionError, match="W of cell 0 differs"):
        assert_same((0, weights_of(arrays, cell)), (0, case.weights))


def test_attributes_are_what_is_no_default_unless_they_are_spelled_out():
    plain = {"hidden_size": 3, "direction": "forward"}
    assert attributes(Config(2, 3), "forward") == plain
    assert attributes(Config(2, 3, cell="lstm"), "forward") == plain
    assert attributes(Config(2, 3, cell="gru"), "forward") == plain | {"linear_before_reset": 1}
    before = Config(2, 3, cell="gru", reset_after=False)
    assert attributes(before, "forward") == plain
    out = attributes(before, "forward", spell_out=True)
    assert out == plain | {"linear_before_reset": 0, "activations": GATED["gru"]}
    both = attributes(Config(2, 3, nonlinearity="linear"), "bidirectional")
    assert both["activations"] == ("Affine", "Affine")
    assert (both["activation_alpha"], both["activation_beta"]) == ([1.0, 1.0], [0.0, 0.0])
