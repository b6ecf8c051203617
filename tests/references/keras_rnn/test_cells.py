"""Weights in Keras' order of gates, and states as Keras lists them."""

import numpy as np
import pytest

from references.case import CellWeights, Config
from tests.references.gated import gated_case

keras = pytest.importorskip("keras")
from references.keras_rnn.cells import (  # noqa: E402
    arrays_of,
    as_list,
    as_states,
    two_biases,
    weights_of,
)

pytestmark = pytest.mark.framework


def numbers(gates):
    """One unit and one input: the gates' numbers in W, times 10 in U, 100 in b_W, 1000 in b_U."""
    column = np.arange(1.0, gates + 1)
    return CellWeights(column[:, None], 10 * column[:, None], 100 * column, 1000 * column)


def test_kernels_are_transposed_and_biases_folded():
    cell = CellWeights(np.arange(6.0).reshape(2, 3), np.arange(4.0).reshape(2, 2), np.ones(2))
    kernel, recurrent_kernel, bias = arrays_of([cell], Config(3, 2, dtype="float64"))
    assert np.array_equal(kernel, cell.W.T)
    assert np.array_equal(recurrent_kernel, cell.U.T)
    assert np.array_equal(bias, [1, 1])
    assert len(arrays_of([cell], Config(3, 2, bias=False))) == 2


@pytest.mark.parametrize(
    ("fields", "kernel", "bias"),
    [
        ({"cell": "gru"}, [2, 1, 3], [[200, 100, 300], [2000, 1000, 3000]]),
        ({"cell": "gru", "reset_after": False}, [2, 1, 3], [2200, 1100, 3300]),
        ({"cell": "lstm"}, [1, 2, 3, 4], [1100, 2200, 3300, 4400]),
    ],
)
def test_gates_stand_as_in_keras(fields, kernel, bias):
    """z, r, h of a GRU, whose documentation says so, and i, f, c, o of an LSTM."""
    config = Config(1, 1, dtype="float64", **fields)
    arrays = arrays_of([numbers(len(kernel))], config)
    assert arrays[0].tolist() == [kernel]
    assert arrays[1].tolist() == [[10 * number for number in kernel]]
    assert arrays[2].tolist() == bias
    assert two_biases(config) == (np.ndim(bias) == 2)
    back = weights_of(arrays, config)
    assert np.array_equal(back.W, numbers(len(kernel)).W)
    assert np.array_equal(back.b_W + back.b_U, 1100 * np.arange(1.0, len(kernel) + 1))


def test_states_are_listed_as_keras_does_and_joined_again():
    case = gated_case("lstm", bidirectional=True)
    names = [array.tolist() for array in as_list(case.states)]
    expected = (case.h_0[0], case.c_0[0], case.h_0[1], case.c_0[1])
    assert names == [array.tolist() for array in expected]
    for one, other in zip(as_states(as_list(case.states), case.config), case.states, strict=True):
        assert np.array_equal(one, other)


def test_no_states_are_none():
    assert as_list(()) == []
    assert as_states([], Config(1, 1, cell="lstm")) is None
