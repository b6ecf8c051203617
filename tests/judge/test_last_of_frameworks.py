"""What torch and Keras give of both directions alone is judged, and a wrong one is caught."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from harness import sample_cases
from harness.judge import lengths
from harness.judge.judge import judge
from references import load
from references.cells import CELLS

pytestmark = pytest.mark.framework
LIMITS = {"bidirectional": True, "num_layers": 1, "nonlinearity": "tanh", "masks": False}
LIMITS |= {"reset_after": True, "bias": True, "go_backwards": False}


def last_in_torch(case):
    """h_n of both directions, beside each other."""
    return np.concatenate([*load("torch")(case).h_n[-2:]], axis=1)


@cache
def layer_of(config, inputs, masked):
    """Keras' Bidirectional with its default, return_sequences=False, as a graph."""
    keras = pytest.importorskip("keras")
    tensorflow = pytest.importorskip("tensorflow")
    from references.keras_rnn.cells import KINDS

    own = {name: getattr(config, name) for name in KINDS[config.cell].fields}
    one = KINDS[config.cell].layer(config.hidden_size, dtype=config.dtype, **own)
    layer = keras.layers.Bidirectional(one, dtype=config.dtype)
    layer.build((None, None, inputs))
    shape = [None, None, inputs]
    signature = [tensorflow.TensorSpec(shape, config.dtype)]
    signature += [tensorflow.TensorSpec(shape[:2], "bool")] if masked else []
    call = lambda x, mask=None: layer(x, mask=mask)  # noqa: E731
    return layer, tensorflow.function(call, input_signature=signature)


def last_in_keras(case):
    from references.keras_rnn.cells import arrays_of

    layer, call = layer_of(case.config, case.config.input_size, case.mask is not None)
    layer.set_weights(arrays_of(case.weights, case.config))
    mask = [] if case.mask is None else [case.mask]
    return call(case.inputs, *mask).numpy()


def swapped(function):
    """The halves in the other order."""
    return lambda case: np.roll(function(case), case.config.hidden_size, axis=1)


# Keras traces each layer anew: in the plain ring it has one cell.
OTHERS = [pytest.param(cell, marks=pytest.mark.long) for cell in CELLS if cell != "lstm"]


@pytest.mark.parametrize(
    ("cell", "function"),
    [(cell, last_in_torch) for cell in CELLS]
    + [("lstm", last_in_keras)]
    + [pytest.param(cell, last_in_keras, marks=pytest.mark.long) for cell in ("rnn", "gru")],
)
def test_last_outputs_of_both_directions_agree(cell, function):
    from_zeros = {"initial_states": function is last_in_torch}
    sizes = {"time": (1, 9), "hidden_size": (2, 5), "input_size": (1, 4)}
    sizes |= {"regimes": ("chaotic", "contracting", "saturated")}
    for case in sample_cases(3, 2, cell=cell, **LIMITS, **from_zeros, **sizes):
        assert judge(case, function).kind == "agrees"
        wrong = judge(case, swapped(function), calls=1)
        assert wrong.kind == "differs"


@pytest.mark.parametrize("cell", ["lstm", *OTHERS])
def test_keras_agrees_with_masks(cell):
    limits = {**LIMITS, "masks": True, "initial_states": False}
    (case,) = sample_cases(1, 2, cell=cell, time=6, hidden_size=4, **limits)
    for rows in ([1, 1, 1, 1, 0, 0], [1, 0, 1, 1, 0, 1]):
        mask = np.tile(np.array(rows, bool), (case.batch, 1))
        masked = replace(case, mask=mask, masked_output="repeat")
        assert judge(masked, last_in_keras).kind == "agrees"
        assert judge(masked, swapped(last_in_keras), calls=1).kind == "differs"


@pytest.mark.parametrize("function", [last_in_torch, last_in_keras])
def test_a_long_case_agrees_by_a_sample(function, monkeypatch):
    for name, value in {"EVERY": 16, "FIRST": 8, "STEPS": 2000, "MOST": 4}.items():
        monkeypatch.setattr(lengths, name, value)
    sizes = {"time": 40, "hidden_size": 4, "cell": "lstm"}
    states = {"initial_states": function is last_in_torch}
    (case,) = sample_cases(1, 2, regimes="memory", **sizes, **LIMITS, **states)
    verdict = judge(case, function)
    assert verdict.kind == "agrees"
    assert verdict.sample
    assert judge(case, swapped(function), calls=1).kind == "differs"
