"""Layers are built as the case and the options say."""

import pytest

from harness import sample_cases
from tests.references.gated import gated_case

keras = pytest.importorskip("keras")
from references.keras_rnn.layers import build  # noqa: E402
from references.keras_rnn.options import Options, shape_of  # noqa: E402

pytestmark = pytest.mark.framework
LIMITS = {"masks": False, "go_backwards": False, "time": 3, "bias": True, "num_layers": 2}


def build_as(options, **limits):
    case = next(sample_cases(1, **LIMITS, **limits))
    return case, build(shape_of(case, options), options, ())


def test_there_is_a_layer_for_each_of_the_case():
    _, layers = build_as(Options(), bidirectional=False)
    assert [type(layer) for layer in layers] == [keras.layers.SimpleRNN] * 2
    _, layers = build_as(Options(unroll=True), bidirectional=True)
    assert all(layer.forward_layer.unroll and layer.backward_layer.unroll for layer in layers)


@pytest.mark.parametrize(
    ("cell", "layer", "inner"),
    [
        ("gru", keras.layers.GRU, keras.layers.GRUCell),
        ("lstm", keras.layers.LSTM, keras.layers.LSTMCell),
    ],
)
def test_each_cell_has_layers_and_cells_of_its_own(cell, layer, inner):
    case = gated_case(cell, num_layers=2)
    assert [type(one) for one in build(shape_of(case, Options()), Options())] == [layer] * 2
    options = Options(layer="stacked")
    (one,) = build(shape_of(case, options), options)
    assert [type(part) for part in one.cell.cells] == [inner] * 2


@pytest.mark.parametrize("reset_after", [True, False])
def test_a_gru_is_reset_as_the_case_says(reset_after):
    options = Options(implementation=1, use_cudnn=False)
    case = gated_case("gru", reset_after=reset_after)
    (layer,) = build(shape_of(case, options), options)
    assert (layer.reset_after, layer.cell.implementation) == (reset_after, 1)
    assert layer.use_cudnn is False
    assert layer.cell.bias.shape == ((2, 6) if reset_after else (6,))
