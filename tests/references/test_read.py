"""Reading what was written, bit for bit; layers by name; and what is refused, in one sentence."""

from dataclasses import replace

import numpy as np
import pytest

from references import REFERENCES, Unsupported, installed, load, read
from references.case import CellWeights
from references.read import Unreadable, layer_call, read_layer, write_layer
from tests.references.layer_files import config_options, drawn, one_bias, without_zero_signs
from tests.references.marks import COPY_WARNING
from tests.references.same import assert_same

FILES = {".pt": "torch", ".safetensors": "torch", ".keras": "keras", ".npz": "numpy"}


def writable(suffix, count, **limits):
    """Cases whose weights the format takes without rounding."""
    cases = [one_bias(case) if suffix == ".keras" else case for case in drawn(count, **limits)]
    if suffix not in (".pt", ".safetensors"):
        return cases
    return [
        case
        for case in cases
        if case.config.nonlinearity in ("tanh", "relu")
        and case.config.reset_after
        and not case.config.go_backwards
    ]


@pytest.mark.parametrize(
    "suffix",
    [
        ".npz",
        pytest.param(".pt", marks=pytest.mark.framework),
        pytest.param(".safetensors", marks=pytest.mark.framework),
        pytest.param(".keras", marks=pytest.mark.framework),
    ],
)
@COPY_WARNING
class TestLaw:
    """`read(write(config, weights)) == (config, weights)`."""

    def test_what_is_read_is_what_was_written(self, suffix, tmp_path):
        if FILES[suffix] not in installed():
            pytest.skip(f"{FILES[suffix]} is not installed")
        cases = writable(suffix, 14 if suffix == ".keras" else 30)
        assert {case.config.cell for case in cases} == {"rnn", "gru", "lstm"}
        assert {case.config.num_directions for case in cases} == {1, 2}
        assert {case.config.num_layers for case in cases} == {1, 2}
        for index, case in enumerate(cases):
            path = tmp_path / f"{index}{suffix}"
            assert not any(
                "rounded" in text for text in write_layer(case.config, case.weights, path)
            )
            layer = read_layer(path, **config_options(case))
            assert_same((layer.config, layer.weights), (case.config, without_zero_signs(case)))
            assert layer.framework == FILES[suffix].replace("numpy", "")
            assert not layer.assumptions
            assert len(layer.names) == len(layer.weights)

    def test_the_layer_that_was_read_computes_on_its_own_weights(self, suffix, tmp_path):
        if FILES[suffix] not in installed():
            pytest.skip(f"{FILES[suffix]} is not installed")
        for case in writable(suffix, 9, time=(2, 4), batch=(1, 3)):
            path = tmp_path / f"layer{suffix}"
            write_layer(case.config, case.weights, path)
            run = layer_call(path, **config_options(case))
            way = REFERENCES[FILES[suffix]].inference
            expected = load("/".join(filter(None, (FILES[suffix], way))))(case)
            assert_same_outputs(run(case), expected)
            others = tuple(CellWeights(np.negative(cell.W), cell.U) for cell in case.weights)
            assert_same_outputs(run(replace(case, weights=others, origin="")), expected)


def assert_same_outputs(actual, expected):
    """Bit for bit, with all states."""
    for name in ("sequence", "h_n", "c_n"):
        one, other = getattr(actual, name), getattr(expected, name)
        assert (one is None) == (other is None), name
        assert one is None or np.array_equal(one, other), name


def test_a_source_of_another_kind_is_refused(tmp_path):
    with pytest.raises(Unreadable, match=r"the source has type int, expected a torch module, a K"):
        read(3)
    with pytest.raises(Unreadable, match=r"model.dat ends in '.dat', expected .pt, .pth, .ck"):
        read(tmp_path / "model.dat")
    with pytest.raises(Unreadable, match=r"nothing.npz does not exist"):
        read(tmp_path / "nothing.npz")
    with pytest.raises(
        Unreadable, match=r"no recurrent layer that can be read; its arrays need the names W \("
    ):
        read({"a": np.ones((2, 2))})
    with pytest.raises(TypeError, match="there is no option 'layers', expected one of input_size"):
        read({}, layers=2)


def test_an_option_that_contradicts_the_source_is_refused():
    arrays = {"W": np.ones((4, 3)), "U": np.ones((4, 4))}
    assert read(arrays, input_size=3, nonlinearity="relu")[0].nonlinearity == "relu"
    with pytest.raises(Unreadable, match="the layer has input_size 3, and the option says 4"):
        read(arrays, input_size=4)


def test_a_case_of_another_config_is_refused():
    arrays = {"W": np.ones((4, 3), "float32"), "U": np.ones((4, 4), "float32")}
    run = layer_call(arrays)
    case = drawn(1, cell="rnn")[0]
    with pytest.raises(Unsupported, match=r"the layer has \w+ .+, the case"):
        run(case)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.framework
def test_what_torch_has_not_is_refused_before_anything_is_written(suffix, tmp_path):
    pytest.importorskip("torch")
    (case,) = drawn(1, cell="gru", reset_after=False)
    with pytest.raises(Unsupported, match="resets after the product"):
        write_layer(case.config, case.weights, tmp_path / f"layer{suffix}")
    assert not list(tmp_path.iterdir())


def test_a_name_of_what_is_not_proven_says_its_kind_before_that(tmp_path):
    case = drawn(1)[0]
    path = tmp_path / "layer.npz.unproven"
    write_layer(case.config, case.weights, path)
    assert [file.name for file in tmp_path.iterdir()] == ["layer.npz.unproven"]
    assert_same(read(path), (case.config, without_zero_signs(case)))
