"""keras/graph: one trace for every shape, other weights each time, and the same verdicts as the
plain mirror.
"""

from contextlib import suppress

import numpy as np
import pytest

from harness import check, sample_cases
from harness.draw.generate import layer_kinds_of
from harness.draw.limits import EXACT_REGIMES, limits
from harness.judge.judge import judge
from references import Unsupported, load
from tests.references.gated import gated_case

pytestmark = pytest.mark.framework
pytest.importorskip("torch")  # before TensorFlow
keras = pytest.importorskip("keras")

from references.keras_rnn import calls, traced  # noqa: E402
from references.keras_rnn.cells import arrays_of  # noqa: E402

SMALL = {"time": (1, 9), "hidden_size": (1, 9), "input_size": (1, 9)}


def test_a_stateless_scope_lets_a_weight_have_another_shape():
    """Keras does not promise it; where it ends, this test says so."""
    layer = keras.layers.SimpleRNN(1)
    layer.build((None, None, 1))
    kernel = np.ones((3, 2), "float32")
    with keras.StatelessScope() as scope:
        scope.add_update((layer.cell.kernel, keras.ops.convert_to_tensor(kernel)))
        assert np.array_equal(
            keras.ops.convert_to_numpy(keras.ops.add(layer.cell.kernel.value, 0)), kernel
        )
    assert layer.cell.kernel.value.shape == (1, 1)


def test_every_shape_of_one_kind_is_served_by_one_trace():
    kind = {
        "nonlinearity": "tanh",
        "dtype": "float32",
        "bias": True,
        "bidirectional": False,
        "go_backwards": False,
        "masks": False,
    }
    run = load("keras/graph")
    found = list(sample_cases(40, 3, **kind))
    traced._function.cache_clear()
    assert {judge(case, run, calls=1).kind for case in found} == {"agrees"}
    assert len({case.inputs.shape for case in found}) > 20
    assert traced._function.cache_info().currsize == 1


def test_few_kinds_of_layers_are_few_traces(monkeypatch):
    """What is traced once is what the limit `layer_kinds` counts."""
    kinds = {tuple(kind) for kind in layer_kinds_of(0, limits(layer_kinds=4))}
    function, traces = traced._function, set()

    def recorded(kind, masked_output):
        traces.add((kind, masked_output))
        return function(kind, masked_output)

    monkeypatch.setattr(traced, "_function", recorded)
    run = load("keras/graph")
    for case in sample_cases(60, layer_kinds=4):
        with suppress(Unsupported):
            run(case)
    assert traces <= kinds
    assert len(traces) >= 3


@pytest.mark.parametrize(
    ("cell", "fields"), [("gru", {}), ("gru", {"reset_after": False}), ("lstm", {})]
)
def test_one_trace_of_a_gated_layer_serves_every_shape(cell, fields):
    traced._function.cache_clear()
    for seed, (width, units) in enumerate(((1, 1), (3, 2), (2, 5), (4, 4), (1, 8))):
        sizes = {"input_size": width, "hidden_size": units, "batch": 1 + seed, "time": 1 + 2 * seed}
        for both in ({}, {"bidirectional": True}):
            case = gated_case(cell, seed, dtype="float32", **sizes, **both, **fields)
            check(case, load("keras/graph"))
    assert traced._function.cache_info().currsize == 2


def test_the_units_of_a_cell_are_its_own_again_after_the_trace():
    layer = keras.layers.Bidirectional(keras.layers.GRU(3))
    with traced._units(layer, 7):
        assert layer.forward_layer.cell.units == layer.backward_layer.cell.units == 7
    assert layer.forward_layer.cell.units == layer.backward_layer.cell.units == 3


@pytest.mark.deep
def test_there_are_no_more_kinds_than_the_cache_is_meant_for():
    kinds = set()
    for case in sample_cases(4000, 5, time=1, batch=1, input_size=1, hidden_size=1):
        config = case.config
        masked = "" if case.mask is None else case.masked_output
        kinds.add(
            (
                config.nonlinearity,
                config.bias,
                config.dtype,
                config.bidirectional,
                masked,
                config.go_backwards,
            )
        )
    assert 100 < len(kinds) <= 5 * 2 * 2 * 2 * 3 * 2 == 240


@pytest.mark.deep
def test_the_verdicts_are_those_of_the_plain_mirror_and_exact_cases_are_equal():
    for case in sample_cases(20, 8, **SMALL):
        one, other = (
            judge(case, run, "keras", calls=1) for run in (calls.run, load("keras/graph"))
        )
        assert (one.kind, one.outputs, one.undecided) == (
            other.kind,
            other.outputs,
            other.undecided,
        )
    for case in sample_cases(12, 9, regimes=EXACT_REGIMES, masks=False, **SMALL):
        one, other = calls.run(case), load("keras/graph")(case)
        assert np.array_equal(one.sequence, other.sequence)
        assert np.array_equal(one.h_n, other.h_n)


FAULTS = {
    "U transposed": lambda arrays: [
        np.ascontiguousarray(a.T) if a.ndim == 2 and a.shape[0] == a.shape[1] else a for a in arrays
    ],
    "bias dropped": lambda arrays: [a if a.ndim == 2 else 0 * a for a in arrays],
    "always the weights of the first call": None,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mistake_in_the_fast_path_is_caught(fault, monkeypatch):
    first = []

    def wrong(cells, config):
        arrays = arrays_of(cells, config)
        if FAULTS[fault]:
            return FAULTS[fault](arrays)
        first[len(first) :] = [] if first else [arrays]
        return first[0]

    monkeypatch.setattr(traced, "arrays_of", wrong)
    limits = {
        "nonlinearity": "tanh",
        "num_layers": 1,
        "bidirectional": False,
        "bias": True,
        "input_size": 2,
        "hidden_size": 3,
        "dtype": "float32",
    }
    assert "differs" in {
        judge(case, load("keras/graph"), "it").kind for case in sample_cases(6, 2, **limits)
    }
