"""A .safetensors file is read without torch; what its header says is checked before."""

import json
import struct

import numpy as np
import pytest
from safetensors.numpy import save_file

from references.case import Config
from references.layer import Unreadable
from references.safetensors_file import layers, metadata_of
from tests.references.test_state_dict import arrays


def written(tmp_path, own, metadata=None):
    path = tmp_path / "a.safetensors"
    save_file(own, path, metadata)
    return path


def test_layers_are_read_by_their_dotted_names(tmp_path):
    own = arrays("enc.") | arrays("dec.", gates=3, layers=1)
    path = written(tmp_path, own)
    thunks = layers(path, {})
    assert sorted(thunks) == ["dec", "enc"]
    layer = thunks["enc"]()
    assert layer.config == Config(2, 3, 2, True, dtype="float64", cell="lstm")
    for cell, names in zip(layer.weights, layer.names, strict=True):
        for name, array in cell.arrays().items():
            assert np.array_equal(array, own[names[name]])


def test_the_nonlinearity_that_names_do_not_say_stands_in_the_metadata(tmp_path):
    own = {"weight_ih_l0": np.ones((3, 2)), "weight_hh_l0": np.eye(3)}
    path = written(tmp_path, own, metadata_of(Config(2, 3, nonlinearity="relu")))
    layer = layers(path, {})[""]()
    assert (layer.config.nonlinearity, layer.assumptions) == ("relu", ())
    path = written(tmp_path, own, metadata_of(Config(2, 3)))
    assert layers(path, {})[""]().assumptions


@pytest.mark.parametrize("text", ["[1]", "{", '{"nonlinearity": 3}', '{"nonlinearity": "elu"}'])
def test_other_metadata_is_refused(text, tmp_path):
    own = {"weight_ih_l0": np.ones((3, 2)), "weight_hh_l0": np.eye(3)}
    path = written(tmp_path, own, {"rnn_parity.config": text})
    with pytest.raises(Unreadable):
        layers(path, {})[""]()


@pytest.mark.parametrize(
    ("dtype", "name"), [("F16", "float16"), ("BF16", "bfloat16"), ("I8", "I8")]
)
def test_another_dtype_is_named(dtype, name, tmp_path):
    size = {"F16": 2, "BF16": 2, "I8": 1}[dtype]
    header = {
        "weight_ih_l0": {"dtype": dtype, "shape": [2, 2], "data_offsets": [0, 4 * size]},
        "weight_hh_l0": {"dtype": dtype, "shape": [2, 2], "data_offsets": [4 * size, 8 * size]},
    }
    text = json.dumps(header).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(8 * size))
    with pytest.raises(Unreadable, match=f"weight_ih_l0 has dtype {name}, expected float32 or"):
        layers(path, {})[""]()


def test_a_huge_header_is_refused_by_its_length(tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", 1 << 40) + b"{}")
    with pytest.raises(
        Unreadable, match="has a header of 1099511627776 bytes, expected at most 83"
    ):
        layers(path, {})


def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path):
    data = written(tmp_path, arrays(layers=1, reverse=False)).read_bytes()
    path = tmp_path / "b.safetensors"
    for length in range(0, len(data), 13):
        path.write_bytes(data[:length])
        with pytest.raises(Unreadable):
            layers(path, {})[""]()
