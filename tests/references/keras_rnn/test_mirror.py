"""The law of the mirror: `read(write(case))` is the config and the weights.

Biases come back as a sum, but for a GRU with reset_after, which keeps both.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import cases, sample_cases
from references import Unsupported
from references.case import CellWeights, Config
from tests.references.gated import FORMS, gated_case
from tests.references.same import assert_same

pytestmark = pytest.mark.framework
pytest.importorskip("torch")  # before TensorFlow
keras = pytest.importorskip("keras")

from references.keras_rnn.cells import arrays_of  # noqa: E402
from references.keras_rnn.layers import build  # noqa: E402
from references.keras_rnn.mirror import arrays, read, write  # noqa: E402
from references.keras_rnn.options import Options, shape_of  # noqa: E402

SMALL = {"time": 1, "batch": 1, "input_size": (1, 4), "hidden_size": (1, 4)}
ONE = {"bidirectional": False, "num_layers": 2, "go_backwards": True, "dtype": "float64"}


def folded(case):
    """What comes back: b_W is the sum of both biases, if there are any, and b_U is zeros."""
    if case.config.cell == "gru" and case.config.reset_after and case.config.bias:
        return case.config, case.weights
    sums = [cell.b_W + cell.b_U if case.config.bias else None for cell in case.weights]
    return case.config, tuple(
        CellWeights(cell.W, cell.U, b) for cell, b in zip(case.weights, sums, strict=True)
    )


def through(case, **options):
    """The case's weights in layers of another kind."""
    chosen = Options(**options)
    layers = build(shape_of(case, chosen), chosen)
    share = len(case.weights) // len(layers)
    for index, layer in enumerate(layers):
        of_layer = case.weights[index * share : (index + 1) * share]
        layer.set_weights(arrays_of(of_layer, case.config))
    return layers


@given(case=cases(**SMALL, masks=False))
@settings(max_examples=30)
def test_read_gives_back_what_write_put_in(case):
    assert_same(read(write(case)), folded(case))


GATED = [("gru", {}), ("gru", {"reset_after": False}), ("lstm", {})]


@pytest.mark.parametrize(("cell", "fields"), GATED)
@given(
    form=st.sampled_from(FORMS),
    seed=st.integers(0, 2**32 - 1),
    dtype=st.sampled_from(["float32", "float64"]),
    sizes=st.fixed_dictionaries(
        {"input_size": st.integers(1, 4), "hidden_size": st.integers(1, 4)}
    ),
)
@settings(max_examples=15)
def test_read_gives_back_the_gates_that_write_put_in(cell, fields, form, seed, dtype, sizes):
    case = gated_case(cell, seed, dtype=dtype, **form, **fields, **sizes)
    assert_same(read(write(case)), folded(case))


@pytest.mark.parametrize(("cell", "fields"), GATED)
def test_gated_cells_are_read_from_a_stack(cell, fields):
    case = gated_case(cell, num_layers=2, dtype="float32", **fields)
    for options in ({"layer": "RNN"}, {"layer": "stacked"}):
        assert_same(read(through(case, **options)), folded(case))


def test_the_law_would_notice_gates_in_another_order():
    case = gated_case("gru", hidden_size=2)
    rows = [2, 3, 0, 1, 4, 5]  # z before r
    wrong = [CellWeights(*(a[rows] for a in cell.arrays().values())) for cell in case.weights]
    with pytest.raises(AssertionError, match="W of cell 0 differs"):
        assert_same(read(write(replace(case, weights=tuple(wrong)))), folded(case))


@pytest.mark.parametrize(
    "options", [{"layer": "RNN"}, {"layer": "stacked"}, {"layer": "stacked", "dtype": "inside"}]
)
def test_cells_are_read_alone_in_a_stack_and_in_a_list(options):
    for case in sample_cases(4, masks=False, **SMALL, **(ONE | {"dtype": "float32"})):
        assert_same(read(through(case, **options)), folded(case))


def test_one_layer_is_read_as_it_is():
    layer = keras.layers.SimpleRNN(3, activation="relu", use_bias=False)
    layer.build((1, 1, 2))
    config, (weights,) = read(layer)
    assert config == Config(2, 3, nonlinearity="relu", bias=False)
    assert np.array_equal(weights.W.T, layer.get_weights()[0])


def test_the_law_would_notice_a_transposed_array():
    (case,) = sample_cases(1, **SMALL | {"hidden_size": 3, "input_size": 3, "num_layers": 1})
    wrong = [replace(cell, U=cell.U.T) for cell in case.weights]
    with pytest.raises(AssertionError, match="U of cell 0 differs"):
        assert_same(read(through(replace(case, weights=tuple(wrong)))), folded(case))


def test_arrays_have_the_names_of_keras():
    (case,) = sample_cases(1, bidirectional=False, bias=True)
    values = arrays(write(case))
    assert list(values) == ["kernel", "recurrent_kernel", "bias"]
    assert np.array_equal(values["kernel"], case.weights[0].W.T)


class OwnCell(keras.layers.LSTMCell):
    """It may compute anything."""


def built(layer, width=2):
    layer.build((1, 1, width))
    return layer


def rnn(units=3, **options):
    return keras.layers.SimpleRNN(units, return_sequences=True, **options)


def two(**options):
    return keras.layers.Bidirectional(rnn(), **options)


def cells(count, **options):
    return keras.layers.RNN([keras.layers.SimpleRNNCell(3) for _ in range(count)], **options)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: keras.layers.Dense(3), "keras.layers.Dense is none of SimpleRNN, GRU, LSTM, RNN"),
        (lambda: built(keras.layers.RNN(OwnCell(3))), f"^{__name__}.OwnCell is none of Si"),
        (
            lambda: built(keras.layers.GRU(3, recurrent_activation="hard_sigmoid")),
            "keras.layers.GRUCell has recurrent_activation 'hard_sigmoid', which no Config has",
        ),
        (
            lambda: built(keras.layers.LSTM(3, recurrent_activation="tanh")),
            "LSTMCell has recurrent_activation tanh, where a Config has sigmoid",
        ),
        (
            lambda: built(keras.layers.LSTM(3, activation="relu")),
            "LSTMCell has activation relu, where a Config has tanh",
        ),
        (
            lambda: [
                built(keras.layers.GRU(3, return_sequences=True)),
                built(keras.layers.GRU(3, reset_after=False), 3),
            ],
            "layer 1 has reset_after False, where a Config has True",
        ),
        (
            lambda: [built(rnn()), built(keras.layers.LSTM(3), 3)],
            "layer 1 has cell lstm, where a Config has rnn",
        ),
        (lambda: built(rnn(activation="gelu")), "keras.layers.SimpleRNNCell has activation"),
        (lambda: built(rnn(dtype="mixed_float16")), "has dtype mixed_float16, not float32 or"),
        (lambda: built(two(merge_mode="sum")), "has merge_mode sum, where a Config has concat"),
        (lambda: [built(rnn()), built(two(), 3)], "layer 1 has directions 2, where a Config has 1"),
        (lambda: [built(rnn()), built(rnn(4), 3)], "layer 1 has hidden_size 4, where a Config"),
        (lambda: [built(rnn()), built(rnn(), 4)], "layer 1 has input_size 4, where a Config"),
        (lambda: [built(rnn()), built(rnn(activation="relu"), 3)], "layer 1 has nonlinearity relu"),
        (
            lambda: [built(rnn()), built(rnn(go_backwards=True), 3)],
            "layer 1 has go_backwards True, where a Config has False",
        ),
        (lambda: built(keras.layers.RNN(keras.layers.SimpleRNNCell(3, dtype="float64"))), "dtype"),
        (
            lambda: built(keras.layers.Bidirectional(cells(2, return_sequences=True))),
            r"has levels \[2, 2\], where a Config has \[1, 1\]",
        ),
    ],
)
def test_what_no_config_says_is_refused_by_name(make, reason):
    with pytest.raises(Unsupported, match=reason):
        read(make())


@pytest.mark.parametrize(
    ("layers", "reason"), [([], "there are no layers to read"), (None, "call the layer once")]
)
def test_layers_without_weights_get_a_sentence(layers, reason):
    with pytest.raises(ValueError, match=reason):
        read(rnn() if layers is None else layers)
