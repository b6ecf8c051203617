"""Layers of a .keras file are made anew from its JSON: nothing in it is run or looked up."""

import io
import json
import zipfile

import numpy as np
import pytest

from harness import check
from references import Unsupported, read
from references.read import Unreadable, layer_call, read_layer
from tests.references.marks import COPY_WARNING
from tests.references.same import assert_same

pytestmark = [pytest.mark.framework, COPY_WARNING]
keras = pytest.importorskip("keras")
h5py = pytest.importorskip("h5py")

from tests.references.keras_rnn.models import (  # noqa: E402
    NAMES,
    assert_layer_of,
    case_of,
    stack,
    written,
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return written(tmp_path_factory.mktemp("keras"), ".keras")


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_of_a_file_is_that_of_its_model(saved, name):
    model, path = saved
    assert_layer_of(path, model, name)
    names = [list(cell.values()) for cell in read_layer(model, name).names]
    assert [list(cell.values()) for cell in read_layer(path, name).names] == names


def test_several_layers_are_listed(saved):
    with pytest.raises(Unreadable, match=f"holds 5 recurrent layers: {', '.join(NAMES)}"):
        read(saved[1])


def test_a_file_that_is_a_stack_needs_no_name(tmp_path):
    model = stack()
    model.save(tmp_path / "a.keras")
    layer = read_layer(tmp_path / "a.keras")
    assert layer.name == "below,above"
    assert_same((layer.config, layer.weights), read(model))
    case = case_of(layer)
    check(case, layer_call(tmp_path / "a.keras")(case))


def test_a_functional_model_that_is_a_line_is_a_stack(tmp_path):
    inputs = keras.Input((None, 3))
    x = keras.layers.Masking()(inputs)
    x = keras.layers.GRU(4, return_sequences=True, name="a")(x)
    model = keras.Model(inputs, keras.layers.GRU(4, name="b")(x))
    model.save(tmp_path / "a.keras")
    assert read_layer(tmp_path / "a.keras").name == "a,b"
    keras.Model(inputs, [x, keras.layers.GRU(4, name="c")(inputs)]).save(tmp_path / "b.keras")
    with pytest.raises(Unreadable, match="holds 2 recurrent layers: a, c"):
        read(tmp_path / "b.keras")


def edited(path, target, change=None, arrays=None):
    """The file with another config.json, or other arrays in its weights."""
    with zipfile.ZipFile(path) as file:
        members = {info.filename: file.read(info) for info in file.infolist()}
    if change:
        config = json.loads(members["config.json"])
        change(config)
        members["config.json"] = json.dumps(config).encode()
    if arrays:
        weights = io.BytesIO(members["model.weights.h5"])
        with h5py.File(weights, "a") as file:
            arrays(file)
        members["model.weights.h5"] = weights.getvalue()
    with zipfile.ZipFile(target, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return target


def layer_config(config, name="lstm"):
    return next(c for c in config["config"]["layers"] if c["config"]["name"] == name)["config"]


def test_a_functional_model_of_an_older_keras_is_read(tmp_path):
    """3.8 to 3.10 list the one output in a list, and name an operation beside its config."""

    def to_3_8(config):
        own = config["config"]
        own["output_layers"] = [own["output_layers"]]
        for layer in own["layers"]:
            if layer["config"]["name"] not in "ab":
                layer["name"] = layer["config"].pop("name")

    inputs = keras.Input((None, 3))
    x = keras.layers.GRU(4, return_sequences=True, name="a")(keras.layers.Masking()(inputs))
    keras.Model(inputs, keras.layers.GRU(4, name="b")(x)).save(tmp_path / "new.keras")
    older = edited(tmp_path / "new.keras", tmp_path / "older.keras", to_3_8)
    assert read_layer(older).name == "a,b"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("recurrent_activation", "hard_sigmoid", "recurrent_activation 'hard_sigmoid', which no"),
        ("activation", {"class_name": "function", "config": "system", "module": "os"}, "no Config"),
        ("units", 10**9, "its layer asks for"),
        ("units", "5", "its layer asks for"),
        ("units", True, "cannot be read|asks for"),
        ("use_bias", [1], "lstm has use_bias|asks for"),
        ("go_backwards", "__import__('os')", "lstm has go_backwards"),
        ("dtype", "mixed_bfloat16", "has dtype 'mixed_bfloat16'"),
        ("dtype", {"config": {"name": "float64"}}, "has arrays of float32, but its layer has"),
    ],
)
def test_what_the_json_says_is_checked(saved, tmp_path, field, value, message):
    path = edited(saved[1], tmp_path / "a.keras", lambda c: layer_config(c).update({field: value}))
    with pytest.raises((Unreadable, Unsupported), match=message):
        read(path, "lstm")


def test_other_layers_of_the_model_are_never_made(saved, tmp_path):
    def change(config):
        dense = next(c for c in config["config"]["layers"] if c["class_name"] == "Dense")
        dense |= {"class_name": "Lambda", "module": "keras.layers", "config": {"name": "dense"}}
        dense["config"]["function"] = {"class_name": "__lambda__", "config": {"code": "4wEA"}}
        config["compile_config"] = {"loss": {"module": "os", "class_name": "function"}}

    path = edited(saved[1], tmp_path / "a.keras", change)
    assert_same(read(path, "lstm"), read(saved[0], "lstm"))


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.clear(),
        lambda c: c["config"].update(layers=3),
        lambda c: c["config"].update(layers=[[]]),
        lambda c: c["config"]["layers"].append({"class_name": [], "config": {"name": 1}}),
    ],
)
def test_other_json_is_refused(saved, tmp_path, change):
    with pytest.raises(Unreadable):
        read(edited(saved[1], tmp_path / "a.keras", change))


class OwnModel(keras.Model):
    """Makes its layers in code."""

    def __init__(self):
        super().__init__()
        self.gru = keras.layers.GRU(3)

    def call(self, inputs):
        return self.gru(inputs)


def test_a_model_whose_layers_its_code_makes_is_read_from_its_weights(tmp_path):
    model = OwnModel()
    model(np.zeros((1, 2, 3), "f4"))
    path, weights = tmp_path / "a.keras", tmp_path / "a.weights.h5"
    model.save(path)
    message = "holds OwnModel, whose layers its code makes: save them by save_weights, as .weig"
    with pytest.raises(Unreadable, match=message):
        read(path)
    model.save_weights(weights)
    assert read(weights)[0].cell == "gru"


def test_arrays_of_other_shapes_dtypes_or_values_are_refused(saved, tmp_path):
    def other(values):
        def arrays(file):
            del file["layers/lstm/cell/vars/0"]
            file["layers/lstm/cell/vars/0"] = values

        return edited(saved[1], tmp_path / "a.keras", arrays=arrays)

    for values, message in {
        "shape": (np.ones((8, 5), "float32"), "has arrays .*but its layer asks for"),
        "dtype": (np.ones((8, 20), "float16"), "layers/lstm/cell/vars/0 has dtype float16"),
        "wide": (
            np.ones((8, 20), "float64"),
            "has arrays of float64, but its layer has dtype float32",
        ),
        "nan": (np.full((8, 20), np.nan, "float32"), r"W\[0, 0\] is nan"),
    }.values():
        with pytest.raises(Unreadable, match=message):
            read(other(values), "lstm")


def test_what_is_no_keras_archive_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as file:
        file.writestr("config.json", "{}")
    with pytest.raises(Unreadable, match=r"it holds no config.json or no model.weights.h5"):
        read(tmp_path / "a.keras")
