"""Keras models as people have them, with weights that are drawn."""

import keras
import numpy as np

from harness import check
from references.case import Case
from references.read import layer_call, read_layer
from tests.references.same import assert_same

L = keras.layers


def built(model, seed=0):
    """The model with weights of all signs: Keras' own biases are zeros and ones."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.standard_normal(a.shape).astype(a.dtype) for a in model.get_weights()])
    return model


def stack():
    """Nothing but recurrent layers, and what does not act between them."""
    return built(
        keras.Sequential(
            [
                keras.Input((None, 3)),
                L.Masking(-9.0),
                L.Bidirectional(L.LSTM(4, return_sequences=True), name="below"),
                L.Dropout(0.5),
                L.Bidirectional(L.LSTM(4), name="above"),
            ]
        )
    )


def functional():
    """Every kind of recurrent layer in a functional model with another model in it."""
    inputs = keras.Input((None, 3))
    x = L.Dense(3)(inputs)
    x = L.Bidirectional(L.GRU(4, return_sequences=True), name="both")(x)
    x = L.LSTM(5, return_sequences=True, use_bias=False)(x)
    x = L.LSTM(5, return_sequences=True, go_backwards=True)(x)
    x = L.RNN([L.GRUCell(2), L.GRUCell(2)], return_sequences=True)(x)
    inner = keras.Sequential([L.Input((None, 2)), L.SimpleRNN(3, "relu", name="q")], name="inner")
    return built(keras.Model(inputs, L.Dense(2)(inner(x))))


def written(folder, suffix):
    """functional(), and a file of it: the model, or its weights alone."""
    keras.utils.clear_session()
    model, path = functional(), folder / f"model{suffix}"
    (model.save if suffix == ".keras" else model.save_weights)(path)
    return model, path


NAMES = ("both", "lstm", "lstm_1", "rnn", "inner.q")  # of functional(), where it is built first


def case_of(layer, mask=None, masked_output="repeat"):
    """A case of a layer that was read, on drawn inputs and states."""
    rng = np.random.default_rng(0)
    config = layer.config
    inputs = rng.standard_normal((2, 5, config.input_size)).astype(config.dtype)
    states = rng.standard_normal((len(layer.weights), 2, config.hidden_size)).astype(config.dtype)
    c_0 = states[::-1].copy() if config.cell == "lstm" else None
    return Case(config, layer.weights, inputs, states, mask, masked_output, c_0=c_0)


def assert_layer_of(path, model, name, **options):
    """The layer that is read from the file is the model's, and computes what the model's does."""
    layer, own = read_layer(path, name, **options), read_layer(model, name)
    assert_same((layer.config, layer.weights), (own.config, own.weights))
    case = case_of(own)
    actual, expected = layer_call(path, name, **options)(case), layer_call(model, name)(case)
    check(case, actual)
    assert np.array_equal(actual.sequence, expected.sequence)
    assert np.array_equal(actual.h_n, expected.h_n)
