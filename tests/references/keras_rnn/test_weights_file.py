"""Weights without a config: shapes say the cell and its sizes, options and assumptions the rest."""

import numpy as np
import pytest

from references import read
from references.read import Unreadable, read_layer
from tests.references.marks import COPY_WARNING
from tests.references.same import assert_same

pytestmark = [pytest.mark.framework, COPY_WARNING]
keras = pytest.importorskip("keras")
h5py = pytest.importorskip("h5py")

from tests.references.keras_rnn.models import (  # noqa: E402
    NAMES,
    assert_layer_of,
    built,
    stack,
    written,
)

OPTIONS = {"lstm_1": {"go_backwards": True}, "inner.q": {"nonlinearity": "relu"}}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return written(tmp_path_factory.mktemp("keras"), ".weights.h5")


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_of_a_file_is_that_of_its_model(saved, name):
    model, path = saved
    assert_layer_of(path, model, name, **OPTIONS.get(name, {}))


def test_layers_are_listed_by_their_own_names(saved):
    with pytest.raises(Unreadable, match=r"holds 5 recurrent layers: .*inner.q"):
        read(saved[1])


def test_what_shapes_do_not_say_is_assumed_in_sentences(saved):
    texts = " ".join(read_layer(saved[1], "both").assumptions)
    assert "does not say go_backwards: False is assumed" in texts
    assert "merge_mode: 'concat' is assumed" in texts
    assert "a gru's are assumed to be tanh and sigmoid" in texts
    assert "reset_after" not in texts  # two rows of biases say it
    assert "nonlinearity: 'tanh' is assumed" in read_layer(saved[1], "inner.q").assumptions[0]


def arrays_by_path(model):
    return {variable.path: variable.numpy() for variable in model.weights}


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_of_arrays_by_path_is_that_of_its_model(saved, name, tmp_path):
    model, _ = saved
    np.savez_compressed(tmp_path / "a.npz", **arrays_by_path(model))
    assert_layer_of(tmp_path / "a.npz", model, name, **OPTIONS.get(name, {}))
    assert_layer_of(arrays_by_path(model), model, name, **OPTIONS.get(name, {}))


@pytest.mark.parametrize("kind", ["SimpleRNN", "GRU", "LSTM"])
def test_arrays_of_one_layer_need_no_path(kind):
    layer = getattr(keras.layers, kind)(4)
    layer.build((None, None, 3))
    built(layer)
    names = ("kernel", "recurrent_kernel", "bias")
    arrays = dict(zip(names, layer.get_weights(), strict=True))
    assert_same(read(arrays), read(layer))
    more = read_layer({"mine/" + name: array for name, array in arrays.items()})
    assert more.framework == "keras"
    with pytest.raises(Unreadable, match="kernel has dtype int64"):
        read({name: array.astype("int64") for name, array in arrays.items()})
    with pytest.raises(Unreadable, match="holds no recurrent layer that can be read"):
        read({**arrays, "peephole": arrays["bias"]})
    turned = arrays | {name: arrays[name].T for name in names[:2]}
    wide = arrays["kernel"].shape[1]
    sentence = rf"kernel \({wide}, 3\) and recurrent_kernel \({wide}, 4\) stand as in torch: transp"
    with pytest.raises(Unreadable, match=sentence):
        read(turned)


def test_the_cells_of_a_stack_and_its_directions_are_one_layer():
    cells = [keras.layers.GRUCell(4, name="upper"), keras.layers.GRUCell(4)]
    model = keras.Sequential([keras.Input((None, 3)), keras.layers.RNN(cells, name="forward_cell")])
    layer = read_layer(arrays_by_path(built(model)))
    assert_same((layer.config, layer.weights), read(model))
    assert "order of a stack's cells" in layer.assumptions[-1]
    arrays = arrays_by_path(stack())
    assert_same(read(arrays, layer="below,above"), read(stack()))
    lost = {path: array for path, array in arrays.items() if "above/backward" not in path}
    half = next(path.split("/")[2] for path in lost if "/above/" in path)
    config, _ = read(lost, layer=f"above.{half}")
    assert not config.bidirectional
    cut = {path: array for path, array in arrays.items() if "bias" not in path or "back" in path}
    with pytest.raises(Unreadable, match=r"the mapping: sequential.*are not as those of the first"):
        read(cut, layer="above")


def test_cells_of_a_stack_stand_in_the_order_of_their_numbers(tmp_path):
    cells = [keras.layers.SimpleRNNCell(3) for _ in range(12)]
    model = built(keras.Sequential([keras.Input((None, 3)), keras.layers.RNN(cells)]))
    model.save_weights(tmp_path / "a.weights.h5")
    assert_same(read(tmp_path / "a.weights.h5"), read(model))


@pytest.mark.parametrize("reset_after", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_a_gru_without_biases_does_not_say_where_it_resets(reset_after, bias, tmp_path):
    model = keras.Sequential(
        [keras.Input((None, 2)), keras.layers.GRU(3, reset_after=reset_after, use_bias=bias)]
    )
    built(model).save_weights(tmp_path / "a.weights.h5")
    layer = read_layer(tmp_path / "a.weights.h5")
    assert any("reset_after" in text for text in layer.assumptions) != bias
    options = {} if bias else {"reset_after": reset_after}
    assert layer.names[0].keys() == {"W", "U"} | ({"b_W", "b_U"} if bias else set())
    assert_same(read(tmp_path / "a.weights.h5", **options), read(model))


def test_a_stack_is_named_lowest_first(tmp_path):
    model = stack()
    model.save_weights(tmp_path / "a.weights.h5")
    assert_same(read(tmp_path / "a.weights.h5", "below,above"), read(model))


@pytest.mark.filterwarnings("ignore")
def test_a_file_of_keras_2_has_named_arrays(saved, tmp_path):
    model, _ = saved
    model.save(tmp_path / "a.h5")
    for name in ("both", "lstm", "rnn"):
        assert_same(read(tmp_path / "a.h5", name), read(model, name))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["forward_lstm", "backward"])
def test_a_name_like_a_direction_s_is_none_of_it(name, tmp_path):
    layers = [
        keras.layers.LSTM(2, name=name),
        keras.layers.Bidirectional(keras.layers.LSTM(2, name="own"), name=name),
    ]
    for layer in layers:
        model = built(keras.Sequential([keras.Input((None, 3)), layer]))
        model.save(tmp_path / "a.h5")
        assert_same(read(tmp_path / "a.h5", name), read(model))


def test_groups_that_look_alike_are_no_layers(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for group, shapes in {
            "dense": [(3, 4), (4,)],
            "other": [(3, 4), (4, 4), (5,)],
            "uneven": [(3, 8), (4, 8)],
            "none": [(0, 4), (4, 4)],
            "many": [(3, 4), (4, 4), (4,), (4,)],
        }.items():
            for index, shape in enumerate(shapes):
                file.create_dataset(f"{group}/vars/{index}", shape, "float32")
    with pytest.raises(Unreadable, match="holds no recurrent layer that can be read"):
        read(tmp_path / "a.h5")


def test_directions_that_do_not_match_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for half, rows in {"forward_layer": 4, "backward_layer": 4}.items():
            for index, shape in enumerate(
                [(3, rows), (rows, rows), (rows,)][: 2 + (half[0] == "f")]
            ):
                file[f"layers/bidirectional/{half}/cell/vars/{index}"] = (
                    [[1.0] * shape[-1]] * shape[0] if len(shape) == 2 else [1.0] * shape[0]
                )
    with pytest.raises(Unreadable, match="are not as those of the first cell"):
        read(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "a") as file:
        del file["layers/bidirectional/backward_layer"]
    with pytest.raises(Unreadable, match="bidirectional has 1 forward, 0 backward"):
        read(tmp_path / "a.h5")
