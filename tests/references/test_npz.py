"""Plain arrays: our own .npz with a config, or W, U and biases with numbers, and options."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from references import npz, read
from references.layer import Unreadable
from tests.references.layer_files import drawn, one_bias
from tests.references.same import assert_same
from tests.references.test_state_dict import arrays

STYLES = ("{name}{index}", "{name}_{index}", "{name}_l{layer}{way}", "{index}.{name}")


def plain(case, style, biases=("b_W", "b_U")):
    own = {}
    for index, cell in enumerate(case.weights):
        layer, way = divmod(index, case.config.num_directions)
        for name, array in cell.arrays().items():
            place = {"index": index, "layer": layer, "way": "_reverse" if way else ""}
            if name[0] != "b" or (case.config.bias and name in biases):
                label = "b" if biases == ("b_W",) and name == "b_W" else name
                own[style.format(name=label, **place)] = array
    return own


def stack_options(case):
    names = ("bidirectional", "nonlinearity", "go_backwards", "reset_after")
    return {name: getattr(case.config, name) for name in names}


@pytest.mark.parametrize("style", STYLES)
def test_arrays_with_numbers_are_a_stack(style, tmp_path):
    for case in drawn(15, 3):
        if not case.config.bias:
            continue
        own = plain(case, style)
        expected = (case.config, case.weights)
        assert_same(read(own, **stack_options(case)), expected)
        np.savez(tmp_path / "a.npz", **own)
        assert_same(read(tmp_path / "a.npz", **stack_options(case)), expected)
        np.savez_compressed(tmp_path / "a.npz", **own)
        assert_same(read(tmp_path / "a.npz", **stack_options(case)), expected)


def test_one_bias_is_added_with_the_inputs():
    for case in map(one_bias, drawn(20, 4)):
        if case.config.bias and (case.config.cell != "gru" or not case.config.reset_after):
            own = plain(case, "{name}{index}", biases=("b_W",))
            assert_same(read(own, **stack_options(case)), (case.config, case.weights))


def test_what_arrays_do_not_say_is_assumed_in_sentences():
    own = {"W": np.ones((6, 3)), "U": np.ones((6, 2))}
    layer = npz.layers(own, {})[""]()
    fields = [text.split(" does not say ")[-1].split(":")[0] for text in layer.assumptions]
    assert fields == [
        "go_backwards",
        "reset_after",
        "The gates are assumed to stand in the order r, z, n.",
    ]
    assert layer.names == ({"W": "W", "U": "U"},)
    assert layer.framework == ""
    assert layer.assumptions[0].startswith("A mapping of arrays does not say go_backwards: False")


def test_two_cells_of_equal_shapes_may_be_layers_or_directions():
    own = {f"{name}{i}": np.ones((2, 2)) for name in "WU" for i in (0, 1)}
    layer = npz.layers(own, {})[""]()
    assert (layer.config.num_layers, layer.config.bidirectional) == (2, False)
    assert "bidirectional" in layer.assumptions[0]
    config = read(own, bidirectional=True)[0]
    assert (config.num_layers, config.bidirectional) == (1, True)
    named = {f"{kind}_l0{way}": np.ones((2, 2)) for kind in "WU" for way in ("", "_reverse")}
    layer = npz.layers(named, {})[""]()
    assert (layer.config.num_layers, layer.config.bidirectional) == (1, True)
    assert not any("bidirectional" in sentence for sentence in layer.assumptions)


def test_names_of_torch_are_read_as_torch_means_them():
    layer = npz.layers(arrays(), {})[""]()
    assert (layer.framework, layer.config.num_layers, layer.config.cell) == ("torch", 2, "lstm")


def test_other_arrays_hold_no_layer():
    assert npz.layers({"weights": np.ones(3)}, {}) == {}


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"W": np.ones((2, 3))}, "the mapping has W, but no U with it"),
        (
            {f"{kind}{layer}": np.ones((2, 2)) for kind in "WU" for layer in (0, 1, 3)},
            "the mapping has W3, but nothing of number 2",
        ),
        (
            {"W": np.ones((2, 3)), "U": np.ones((2, 2), "float32")},
            "U has dtype float32, and W has float64: save all arrays in one of them",
        ),
        (
            {"weight_ih_l0": np.ones((2, 3)), "weight_hh_l0": np.full((2, 2), np.nan)},
            r"weight_hh_l0\[0, 0\] is nan, expected only finite numbers",
        ),
        ({"W": np.ones((2, 3)), "U": np.ones((2, 2)), "b": np.ones(2), "b_W": np.ones(2)},
         "the mapping has both b and b_W"),
        ({"W": np.ones((3, 2)), "U": np.ones((2, 2))},
         r"W has shape \(3, 2\), but U \(2, 2\) asks"),
        ({"W": np.ones((2, 3)), "U": np.ones((2, 5))}, r"U has shape \(2, 5\), expected \(gates"),
        ({"W": [[1.0]], "U": [[1.0]]}, "W is a list, expected a numpy.ndarray"),
        ({"W": np.ones((2, 3), int), "U": np.ones((2, 2))}, "W has dtype int64"),
        ({"W0": np.ones((2, 3)), "U0": np.ones((2, 2)), "W1": np.ones((2, 5)), "U1": np.eye(2)},
         r"the arrays W read \[3, 5\] values, which is no stack of H = 2"),
        ({"W0": np.ones((2, 3)), "U0": np.eye(2), "W1": np.array(1.0), "U1": np.eye(2)},
         r"the arrays W read \[3, 0\] values"),
        ({"W": np.full((2, 3), np.nan), "U": np.eye(2)}, r"^W\[0, 0\] is nan"),
        ({"W": np.ones((2, 3)), "U": np.eye(2), "config": np.array("[]")}, "that is no table"),
        ({"W": np.ones((2, 3)), "U": np.eye(2), "config": np.array("{")}, "cannot be read"),
        ({"W": np.ones((2, 3)), "U": np.eye(2), "config": np.ones(2)}, "expected a text in JSON"),
        ({"W": np.ones((2, 3)), "U": np.eye(2), "config": np.array('{"a": 1}')}, "holds no layer"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(own, message, tmp_path):
    with pytest.raises(Unreadable, match=message):
        read(own)


class Evil:
    """Writes a file where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_objects_are_never_unpickled(tmp_path):
    trap = tmp_path / "trap"
    np.savez(tmp_path / "a.npz", W=np.array([Evil(trap)], dtype=object), U=np.eye(2))
    with pytest.raises(Unreadable, match=r"'W.npy', whose objects only unpickling would load"):
        read(tmp_path / "a.npz")
    assert not trap.exists()


@pytest.mark.parametrize("shape", [(1 << 40,), (2, 2), (1 << 62, 1 << 62), (-1, 4), (0, 3)])
def test_a_header_that_lies_is_refused(shape, tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": shape}
    )
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("W.npy", header.getvalue() + bytes(8 * 5))
        file.writestr("U.npy", header.getvalue() + bytes(8 * 5))
    with pytest.raises(Unreadable):
        read(tmp_path / "a.npz")


def test_an_entry_that_is_no_array_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("W.txt", "1")
    with pytest.raises(Unreadable, match=r"holds 'W.txt', which is no array"):
        read(tmp_path / "a.npz")


def test_a_config_of_our_own_file_has_to_fit_its_arrays(tmp_path):
    case = drawn(1, 7, cell="lstm")[0]
    npz.write(replace(case.config, hidden_size=9), case.weights, tmp_path / "a.npz")
    with pytest.raises(Unreadable, match="do not fit together"):
        read(tmp_path / "a.npz")
