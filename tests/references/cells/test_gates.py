"""Blocks of weights by gate, under the names of an equation."""

import numpy as np

from references.case import CellWeights, Config
from references.cells.gates import by_gate, reordered


def test_each_gate_has_its_rows_and_the_sum_of_its_biases():
    H, gates = 2, ("r", "z", "n")
    W, U = np.arange(18.0).reshape(6, 3), np.arange(12.0).reshape(6, 2)
    config = Config(3, H, cell="gru", reset_after=False)
    p = by_gate(CellWeights(W, U, np.arange(6.0), np.arange(6.0) * 10), config, np.tanh)
    for index, gate in enumerate(gates):
        rows = slice(index * H, (index + 1) * H)
        assert np.array_equal(getattr(p, f"W_{gate}"), W[rows])
        assert np.array_equal(getattr(p, f"U_{gate}"), U[rows])
        assert np.array_equal(getattr(p, f"b_{gate}")[:, 0], np.arange(6.0)[rows] * 11)
    assert p.activation is np.tanh
    assert p.reset_after is False


def test_lift_gives_what_the_equation_computes_with():
    weights = CellWeights(np.ones((1, 1)), np.ones((1, 1)))
    assert by_gate(weights, Config(1, 1), np.tanh, lift=lambda block: block + 1).W_h.item() == 2


def test_gates_are_put_into_another_order_and_back():
    array = np.arange(12.0).reshape(6, 2)
    keras = reordered(array, ("r", "z", "n"), ("z", "r", "n"))
    assert keras[:, 0].tolist() == [4, 6, 0, 2, 8, 10]
    assert np.array_equal(reordered(keras, ("z", "r", "n"), ("r", "z", "n")), array)
    assert reordered(array, ("r", "z", "n"), ("r", "z", "n")) is array
