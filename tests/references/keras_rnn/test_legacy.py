"""An .h5 file of a whole model says in its JSON what its arrays do not say."""

import json

import pytest

from references import Unsupported
from references.keras_rnn.legacy import said
from references.keras_rnn.saved import stack_of
from references.layer import Unreadable
from references.read import read, read_layer

pytestmark = pytest.mark.framework
keras = pytest.importorskip("keras")
L = keras.layers

from tests.references.keras_rnn.models import built  # noqa: E402
from tests.references.same import assert_same  # noqa: E402


class File:
    """A file with this JSON."""

    def __init__(self, *specs):
        self.attrs = {"model_config": json.dumps({"config": {"layers": specs}})}


def spec(**config):
    return {"class_name": "X", "config": {"name": "a", **config}}


@pytest.mark.filterwarnings("ignore")
def test_a_layer_of_a_model_is_read_as_it_is(tmp_path):
    layers = [
        L.LSTM(4, go_backwards=True, return_sequences=True, name="back"),
        L.Bidirectional(L.GRU(3, reset_after=False, return_sequences=True), name="both"),
        L.RNN([L.SimpleRNNCell(3, "relu"), L.SimpleRNNCell(3, "relu")], name="cells"),
    ]
    model = built(keras.Sequential([keras.Input((None, 3)), *layers]))
    model.save(tmp_path / "a.h5")
    for layer in layers:
        assert_same(read(tmp_path / "a.h5", layer.name), read(layer))
        assert read_layer(tmp_path / "a.h5", layer.name).assumptions == ()


@pytest.mark.filterwarnings("ignore")
def test_a_mere_stack_needs_no_name(tmp_path):
    def stack(top):
        layers = [L.LSTM(3, return_sequences=True), L.Dropout(0.5), L.LSTM(3), *top]
        return built(keras.Sequential([keras.Input((None, 2)), *layers]))

    model, other = stack([]), stack([L.Dense(2)])
    inputs = keras.Input((None, 2))
    functional = built(keras.Model(inputs, L.GRU(3)(L.GRU(3, return_sequences=True)(inputs))))
    for name, one in (("a", model), ("b", other), ("c", functional)):
        one.save(tmp_path / f"{name}.h5")
    assert_same(read(tmp_path / "a.h5"), read(model))
    assert read(tmp_path / "c.h5")[0].num_layers == 2
    assert_same(read(tmp_path / "c.h5"), read(functional))
    model.save_weights(tmp_path / "d.weights.h5")
    for name in ("b.h5", "d.weights.h5"):
        with pytest.raises(Unreadable, match="holds 2 recurrent layers"):
            read(tmp_path / name)


def test_a_functional_model_of_keras_2_has_other_nodes_and_needs_a_name():
    def layer(kind, name, below):
        nodes = [[[below, 0, 0, {}]]] if below else []
        return {"class_name": kind, "config": {"name": name}, "name": name, "inbound_nodes": nodes}

    layers = [layer("InputLayer", "i", ""), layer("LSTM", "a", "i"), layer("LSTM", "b", "a")]
    config = {"layers": layers, "output_layers": [["b", 0, 0]]}
    assert stack_of({"class_name": "Functional", "config": config}) == ()
    assert stack_of({"class_name": "Sequential", "config": config}) == ("a", "b")


def test_weights_alone_say_nothing():
    assert said(type("File", (), {"attrs": {}}), "a", "lstm") == {}


@pytest.mark.parametrize(
    ("cell", "config", "message"),
    [
        ("lstm", {"activation": "tanh", "recurrent_activation": "hard_sigmoid"},
         "a has recurrent_activation 'hard_sigmoid', where a Config has 'sigmoid'"),
        ("gru", {"activation": "relu", "recurrent_activation": "sigmoid"},
         "a has activation 'relu'"),
        ("rnn", {"merge_mode": "sum"}, "a has merge_mode 'sum', where a Config has 'concat'"),
        ("rnn", {"cell": {"config": {"cells": [{"config": {"activation": "tanh"}},
                                               {"config": {"activation": "relu"}}]}}},
         "a has activations relu, tanh, not one"),
        ("rnn", {"activation": "tanh", "go_backwards": 1},
         "a has go_backwards 1, expected true or"),
    ],
)  # fmt: skip
def test_what_no_config_says_is_refused(cell, config, message):
    with pytest.raises((Unsupported, Unreadable), match=message):
        said(File(spec(**config)), "a", cell)


def test_a_layer_that_the_json_does_not_have_is_refused():
    with pytest.raises(Unreadable, match="has arrays of b, but no such layer in its model_config"):
        said(File(spec()), "b", "rnn")
    large = type("File", (), {"attrs": {"model_config": " " * (17 << 20)}})
    with pytest.raises(Unreadable, match="has a model_config of 17825792 letters"):
        said(large, "a", "rnn")
