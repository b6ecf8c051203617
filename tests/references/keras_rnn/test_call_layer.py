"""A layer that a user made is called as it is: masks, states and flags are its own."""

import numpy as np
import pytest

from harness import check
from references import Unsupported
from references.read import layer_call, read_layer
from tests.references.marks import COPY_WARNING

pytestmark = [pytest.mark.framework, COPY_WARNING]
keras = pytest.importorskip("keras")
L = keras.layers

from tests.references.keras_rnn.models import built, case_of  # noqa: E402

MASK = np.array([[True, True, False, True, True], [False, True, True, True, False]])


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
def test_masked_outputs_are_those_of_the_layer(zeros, backwards):
    layer = L.GRU(4, return_sequences=True, zero_output_for_mask=zeros, go_backwards=backwards)
    layer.build((None, None, 3))
    built(layer)
    own, other = ("zero", "repeat") if zeros else ("repeat", "zero")
    case = case_of(read_layer(layer), MASK, own)
    check(case, layer_call(layer)(case))
    with pytest.raises(Unsupported, match=f"has masked outputs {own}"):
        layer_call(layer)(case_of(read_layer(layer), MASK, other))


def test_both_directions_zero_what_is_masked():
    layer = L.Bidirectional(L.LSTM(4, return_sequences=True))
    layer.build((None, None, 3))
    built(layer)
    case = case_of(read_layer(layer), MASK, "zero")
    check(case, layer_call(layer)(case))


def test_a_stateful_layer_keeps_the_state_that_it_had():
    layer = L.LSTM(4, stateful=True, return_sequences=True)
    layer.build((2, None, 3))
    built(layer)
    layer(np.ones((2, 3, 3), "float32"))
    before = [np.array(state) for state in layer.states]
    case = case_of(read_layer(layer))
    check(case, layer_call(layer)(case))
    assert layer.stateful
    assert all(map(np.array_equal, before, map(np.array, layer.states)))


def test_flags_come_back_after_an_error():
    layer = L.SimpleRNN(4)
    layer.build((None, None, 3))
    run = layer_call(layer)
    case = case_of(read_layer(layer))
    layer.call = None
    with pytest.raises(TypeError):
        run(case)
    assert (layer.return_sequences, layer.return_state, layer.stateful) == (False, False, False)
