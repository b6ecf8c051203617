"""The mirrors: every weight is accounted for, and what a framework cannot do is refused in
words.
"""

import re

import numpy as np
import pytest

from harness import Refused, check, sample_cases
from harness.judge.judge import judge
from harness.runs.verify import by_default
from references import REFERENCES, default_frameworks, installed, load
from references.case import Case, CellWeights, Config
from references.numpy_rnn import run

FULL = Config(3, 4, num_layers=2, bidirectional=True, dtype="float64")


def linear_case(change=None):
    """Two layers, two directions, generic numbers; `change` is (cell, name, index) of one weight to
    move.
    """
    rng = np.random.Generator(np.random.PCG64(0))
    cells = []
    for index in range(4):
        arrays = {
            "W": rng.random((4, FULL.layer_input_size(index // 2))),
            "U": rng.random((4, 4)),
            "b_W": rng.random(4),
            "b_U": rng.random(4),
        }
        if change and change[0] == index:
            arrays[change[1]][change[2]] += 0.25
        cells.append(CellWeights(**{name: array / 8 for name, array in arrays.items()}))
    return Case(FULL, tuple(cells), rng.random((2, 3, 3)), rng.random((4, 2, 4)))


@pytest.mark.parametrize("cell", range(4))
@pytest.mark.parametrize("name", ["W", "U", "b_W", "b_U"])
def test_every_weight_reaches_the_framework(fast_implementation, cell, name):
    shape = getattr(linear_case().weights[cell], name).shape
    before = fast_implementation(linear_case()).sequence
    for index in np.ndindex(shape):
        changed = linear_case((cell, name, index))
        assert not np.array_equal(fast_implementation(changed).sequence, before), (name, index)
    check(changed, fast_implementation)


@pytest.mark.framework
@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        (
            "torch",
            {"nonlinearity": "sigmoid"},
            "torch.nn.RNN has no nonlinearity sigmoid, only tanh and relu",
        ),
        (
            "torch",
            {"go_backwards": True, "nonlinearity": ("tanh", "relu"), "masks": False},
            "torch.nn.RNN has no go_backwards",
        ),
    ],
)
def test_what_a_framework_cannot_do_it_refuses(name, options, reason):
    if name not in installed():
        pytest.skip(f"{name} is not installed")
    for case in sample_cases(3, **options):
        with pytest.raises(Refused, match=re.escape(reason)):
            check(case, load(name))


def masked(masked_output, bidirectional=False, mask=((True, False, True), (False, False, False))):
    weights = (CellWeights(np.eye(2, 3), np.eye(2)),) * (1 + bidirectional)
    return Case(
        Config(3, 2, bidirectional=bidirectional, dtype="float64"),
        weights,
        np.ones((2, 3, 3)),
        None,
        np.array(mask),
        masked_output,
    )


@pytest.mark.framework
@pytest.mark.parametrize(
    ("name", "case", "reason"),
    [
        ("torch", masked("zero"), "torch.nn.RNN takes no mask"),
        (
            "keras",
            masked("repeat", True),
            "keras.layers.Bidirectional forces zeros at masked steps; masked_output is 'repeat'",
        ),
    ],
)
def test_masks_that_a_framework_cannot_do_are_refused(name, case, reason):
    if name not in installed():
        pytest.skip(f"{name} is not installed")
    with pytest.raises(Refused, match=re.escape(reason)):
        check(case, load(name))


def test_a_mask_that_masks_nothing_is_no_mask(implementation):
    case = masked("repeat", mask=((True,) * 3,) * 2)
    verdict = judge(case, implementation)
    assert verdict.kind == "agrees"
    assert verdict.h_n_checked
    assert np.array_equal(
        run(case).sequence, run(Case(case.config, case.weights, case.inputs)).sequence
    )


def test_a_framework_that_is_not_installed_is_told_with_the_command_that_adds_it(monkeypatch):
    monkeypatch.setitem(
        REFERENCES, "torch", REFERENCES["torch"]._replace(needs=("no_such_framework",))
    )
    assert "torch" not in installed()
    sentence = (
        "torch needs no_such_framework, which is not installed: pip install 'rnn-parity[torch]'"
    )
    with pytest.raises(ImportError, match=re.escape(sentence)):
        load("torch")


def test_a_framework_by_request_takes_part_only_where_it_is_named(monkeypatch):
    everyone = [name for name in installed() if REFERENCES[name].needs]
    assert list(default_frameworks()) == [name for name in everyone if name != "onnx"]
    for name in everyone:
        monkeypatch.setitem(REFERENCES, name, REFERENCES[name]._replace(by_request=True))
    assert default_frameworks() == by_default()[0] == ()
    assert {"numpy", *everyone} == {*installed()}


def test_an_unknown_reference_is_told_the_known_ones():
    with pytest.raises(
        ValueError, match="reference is 'pytorch', expected one of numpy, torch, keras"
    ):
        load("pytorch")
