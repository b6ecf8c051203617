"""Layers of Keras models: by name, as a stack, called as they are, and written."""

from fractions import Fraction

import numpy as np
import pytest

from harness import check
from references import Unsupported, read
from references.case import Config
from references.read import Unreadable, layer_call, read_layer, write_layer
from tests.references.layer_files import drawn
from tests.references.marks import COPY_WARNING

pytestmark = [pytest.mark.framework, COPY_WARNING]
keras = pytest.importorskip("keras")
L = keras.layers

from tests.references.keras_rnn.models import built, case_of, functional, stack  # noqa: E402


@pytest.fixture(scope="module")
def model():
    keras.utils.clear_session()
    return functional()


def test_layers_are_read_by_name_also_in_a_model_in_the_model(model):
    configs = {
        "both": Config(3, 4, bidirectional=True, cell="gru"),
        "lstm": Config(8, 5, bias=False, cell="lstm"),
        "lstm_1": Config(5, 5, go_backwards=True, cell="lstm"),
        "rnn": Config(5, 2, 2, cell="gru"),
        "inner.q": Config(2, 3, nonlinearity="relu"),
    }
    for name, config in configs.items():
        assert read(model, name)[0] == config
    with pytest.raises(Unreadable, match=f"holds 5 recurrent layers: {', '.join(configs)}. Name"):
        read(model)


def test_arrays_are_named_by_their_paths(model):
    layer = read_layer(model, "both")
    assert layer.framework == "keras"
    assert layer.names[1]["W"] == "both/backward_gru/gru_cell/kernel"
    assert layer.names[0]["b_U"] == "both/forward_gru/gru_cell/bias[1]"
    assert read_layer(model, "inner.q").names[0]["b_W"].endswith("/simple_rnn_cell/bias")
    assert read_layer(model, "lstm").names[0].keys() == {"W", "U"}


def test_a_model_that_is_a_stack_needs_no_name():
    for model in (stack(), as_functional(stack())):
        layer = read_layer(model)
        assert layer.name == "below,above"
        assert layer.config == Config(3, 4, 2, True, cell="lstm")
        case = case_of(layer)
        outputs = layer_call(model)(case)
        check(case, outputs)
        assert len(outputs.layers) == 2


def as_functional(model):
    """The same layers in a functional model."""
    inputs = x = keras.Input((None, 3))
    for layer in model.layers:
        x = layer(x)
    return keras.Model(inputs, x)


def test_a_branch_is_no_stack():
    inputs = keras.Input((None, 3))
    x = L.LSTM(3, return_sequences=True, name="a")(inputs)
    with pytest.raises(Unreadable, match="holds 2 recurrent layers: a, b"):
        read(keras.Model(inputs, [x, L.LSTM(3, name="b")(inputs)]))


@pytest.mark.parametrize("kind", ["SimpleRNN", "GRU", "LSTM"])
@pytest.mark.parametrize("sequences", [False, True])
def test_the_very_layer_is_called_and_left_as_it_was(kind, sequences):
    layer = getattr(L, kind)(4, return_sequences=sequences)
    layer.build((None, None, 3))
    built(layer)
    case = case_of(read_layer(layer))
    run = layer_call(layer)
    check(case, run(case))
    assert (layer.return_sequences, layer.return_state) == (sequences, False)
    kernel, *rest = layer.get_weights()
    layer.set_weights([-kernel, *rest])
    with pytest.raises(AssertionError):
        check(case, run(case))


def test_a_cell_is_read_and_called_as_a_layer():
    cell = L.GRUCell(4)
    cell.build((None, 3))
    layer = read_layer(built(cell))
    assert layer.config == Config(3, 4, cell="gru")
    check(case_of(layer), layer_call(cell)(case_of(layer)))


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (L.LSTM(3), "is not built, so it has no weights: call the layer once"),
        (L.LSTM(3, recurrent_activation="hard_sigmoid"), "which no Config has"),
        (L.LSTM(3, recurrent_activation="tanh"), "has recurrent_activation tanh, where a Config"),
        (L.LSTM(3, dtype="mixed_float16"), "has dtype mixed_float16, not float32 or float64"),
        (L.Bidirectional(L.LSTM(3), merge_mode="sum"), "merge_mode sum, where a Config has conc"),
        (L.Dense(3), "the Dense holds no recurrent layer that can be read"),
        (L.ConvLSTM1D(3, 2), "ConvLSTM1D is none of SimpleRNN"),
    ],
)
def test_what_cannot_be_read_is_refused(layer, message):
    if "not built" not in message and not isinstance(layer, L.ConvLSTM1D):
        layer.build((None, None, 2))
    with pytest.raises((Unreadable, Unsupported), match=message):
        read(layer)


def test_biases_that_are_added_are_counted(tmp_path):
    cases = [case for case in drawn(40, 1, cell=("lstm", "rnn")) if case.config.bias]
    lost = 0
    for case in cases[:5]:
        (sentence,) = write_layer(case.config, case.weights, tmp_path / "a.keras")
        rounded = sum(
            Fraction(float(one)) + Fraction(float(other)) != Fraction(float(one + other))
            for cell in case.weights
            for one, other in zip(cell.b_W, cell.b_U, strict=True)
        )
        entries = sum(c.b_W.size for c in case.weights)
        assert sentence.endswith(f"were added, rounded in {rounded} of {entries} entries.")
        lost += rounded
    assert lost


def test_weights_without_a_config_are_not_written(tmp_path):
    (case,) = drawn(1)
    with pytest.raises(Unsupported, match=r"^a \.h5 file would hold weights without a config"):
        write_layer(case.config, case.weights, tmp_path / "a.weights.h5")
    assert not list(tmp_path.iterdir())


def own_layers(model):
    """The layers of one direction each."""
    halves = [
        [getattr(one, "forward_layer", one), getattr(one, "backward_layer", one)]
        for one in model.layers
    ]
    return [half for pair in halves for half in pair]


def test_a_written_model_loads_in_keras_and_computes(tmp_path):
    (case,) = drawn(1, cell="gru", reset_after=True, time=4, num_layers=2, dtype="float32")
    write_layer(case.config, case.weights, tmp_path / "a.keras")
    model = keras.models.load_model(tmp_path / "a.keras", safe_mode=True)
    (cell,) = {type(one.cell.recurrent_initializer) for one in own_layers(model)}
    assert cell is keras.initializers.Orthogonal  # as Keras has it, for whoever trains on
    layer = read_layer(model)
    assert layer.config == case.config
    assert np.array_equal(layer.weights[-1].b_U, case.weights[-1].b_U)
