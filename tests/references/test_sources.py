"""Which framework a source belongs to, by its class or suffix alone, and which layers are meant."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import references
from harness.cli.compare import compare
from harness.cli.convert import convert
from harness.judge.judge import judge
from references import REFERENCES, read
from references.case import Case
from references.layer import Layer, Unreadable
from references.sources import (
    call,
    framework_of,
    framework_of_file,
    of_framework,
    own,
    parts,
    suffix_of,
)
from tests.references.layer_files import drawn


def of_package(package, *bases):
    """A class as that package would define it."""
    return type("Thing", bases or (object,), {"__module__": f"{package}.nn.modules"})


TORCH, KERAS = of_package("torch"), of_package("keras")


@pytest.mark.parametrize(
    ("source", "framework"),
    [
        (TORCH(), "torch"),
        (type("Own", (TORCH,), {})(), "torch"),
        (KERAS(), "keras"),
        (type("Own", (of_package("keras", TORCH),), {})(), "keras"),  # Keras on torch
        ({"a": TORCH()}, "torch"),
        ({"epoch": 3, "model": {"a": TORCH()}}, "torch"),
        ({"W": np.ones(2)}, ""),
        ({}, ""),
    ],
)
def test_an_object_is_of_the_framework_that_its_class_comes_from(source, framework):
    assert framework_of(source) == framework


@pytest.mark.parametrize("source", [3, np.ones(2), of_package("torchvision")(), None])
def test_other_objects_are_refused(source):
    with pytest.raises(Unreadable, match=r"the source has type .*, expected a torch module, a Ker"):
        framework_of(source)


@pytest.mark.parametrize(
    ("name", "framework"),
    [
        ("a.pt", "torch"),
        ("a.b.PTH", "torch"),
        ("a.safetensors", "torch"),
        ("a.keras", "keras"),
        ("a.keras.unproven", "keras"),
        ("a.weights.h5", "keras"),
        ("a.npz", ""),
    ],
)
def test_a_file_is_of_the_framework_that_its_suffix_names(name, framework):
    assert framework_of_file(Path(name)) == framework


def test_a_suffix_names_one_framework():
    files = [file for row in references.REFERENCES.values() for file in row.files]
    assert len(set(files)) == len(files)
    assert all(suffix_of(Path(f"a{file}")) == file for file in files)
    with pytest.raises(Unreadable, match=r"a.dat ends in '.dat', expected .pt, .pth, .ckpt, .bin"):
        framework_of_file(Path("a.dat"))


def test_a_framework_without_files_says_so():
    with pytest.raises(Unreadable, match="NumPy has no files of its own"):
        own("numpy")


class Many:
    """A framework's own part, whose sources hold many layers."""

    @staticmethod
    def layers(source, options):
        def thunk(name):
            (case,) = drawn(1, cell="rnn", num_layers=1, bidirectional=False, go_backwards=False)
            return Layer(name, case.config, case.weights, "numpy", ({},))

        return {name: lambda name=name: thunk(name) for name in source.names}

    @staticmethod
    def chain(source):
        return source.names if source.is_chain else ()

    @staticmethod
    def check_stack(source, names):
        if list(names) != sorted(names):
            raise Unreadable(f"{names} is no stack")

    @staticmethod
    def call(source, layer):
        return source.call


class Source(TORCH):
    """A model of layers by these names."""

    def __init__(self, *names, is_chain=False, call=None):
        self.names, self.is_chain, self.call = names, is_chain, call


@pytest.fixture
def _many(monkeypatch):
    torch = type("module", (), {"source": Many})
    own_module = references.module
    monkeypatch.setattr(
        references, "module", lambda name: torch if name == "torch" else own_module(name)
    )


def test_layers_are_listed_without_the_framework_of_their_names(monkeypatch, tmp_path):
    monkeypatch.setattr(references, "_missing", lambda reference: list(reference.needs))
    names = [f"{layer}.weight_{kind}_l0" for layer in "ab" for kind in ("ih", "hh")]
    save_file(dict.fromkeys(names, np.ones((2, 2))), tmp_path / "a.safetensors")
    with pytest.raises(Unreadable, match=r"a.safetensors holds 2 recurrent layers: a, b"):
        parts(tmp_path / "a.safetensors", None, {})
    place, (layer,) = parts(tmp_path / "a.safetensors", "b", {})
    case = Case(layer.config, layer.weights, np.ones((1, 2, 2)))
    assert call(place, layer)(case).sequence.shape == (1, 2, 2)


@pytest.mark.usefixtures("_many")
def test_layers_are_named_listed_or_a_chain():
    _, (layer,) = parts(Source("a"), None, {})
    assert layer.name == "a"
    _, layers = parts(Source("a", "b", is_chain=True), None, {})
    assert [layer.name for layer in layers] == ["a", "b"]
    _, layers = parts(Source("a", "b"), "a , b", {})
    assert [layer.name for layer in layers] == ["a", "b"]
    with pytest.raises(Unreadable, match=r"\['b', 'a'\] is no stack"):
        parts(Source("a", "b"), "b , a", {})
    with pytest.raises(
        Unreadable, match=r"the Source holds 2 recurrent layers: a, b. Name one by layer .* a say"
    ):
        parts(Source("a", "b"), None, {})
    with pytest.raises(Unreadable, match="the Source has no recurrent layer 'c'; it has a, b"):
        parts(Source("a", "b"), "a,c", {})
    with pytest.raises(Unreadable, match="the Source has no recurrent layer 'c'; it has none"):
        parts(Source(), "c", {})
    with pytest.raises(Unreadable, match="19 and 4 more"):
        parts(Source(*map(str, range(24))), None, {})


@pytest.mark.usefixtures("_many")
def test_the_very_layer_is_called_where_there_is_one():
    place, (layer,) = parts(Source("a", call=max), None, {})
    assert call(place, layer) is max
    place, (layer,) = parts(Source("a"), None, {})
    (case,) = drawn(1, cell="rnn", num_layers=1, bidirectional=False, go_backwards=False)
    expected = references.load("numpy")(case).sequence
    assert np.array_equal(call(place, layer)(case).sequence, expected)


@pytest.mark.framework
def test_a_framework_whose_plain_way_takes_no_mask_has_another_one():
    pytest.importorskip("torch")
    one = {"cell": "gru", "reset_after": True, "num_layers": 1, "bidirectional": False}
    (case,) = drawn(1, time=4, go_backwards=False, **one)
    mask = np.arange(case.time) < np.full((case.batch, 1), 2)
    case = replace(case, mask=mask, masked_output="zero")
    run = of_framework("torch", "no_grad")
    assert judge(case, run).kind == "agrees"
    assert judge(replace(case, mask=None), run).kind == "agrees"
    with pytest.raises(references.Unsupported):
        references.load("torch")(case)


MANUAL = (Path(references.__file__).parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [MANUAL, read.__doc__, compare.help, convert.help.split(";")[0]])
def test_every_text_on_files_names_each_suffix(text):
    for suffix in [*(file for row in REFERENCES.values() for file in row.files), ".npz"]:
        assert re.search(rf"(?<!\w){re.escape(suffix)}\b", text), suffix
