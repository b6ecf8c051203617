"""Layers of .onnx files: read by name, called as they are, written, and hostile files refused."""

from dataclasses import replace

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
from onnx import numpy_helper  # noqa: E402

from harness.judge.judge import judge  # noqa: E402
from references import Unsupported, read  # noqa: E402
from references.case import Case, Config  # noqa: E402
from references.onnx_rnn.mirror import write  # noqa: E402
from references.onnx_rnn.nodes import INPUTS  # noqa: E402
from references.onnx_rnn.source import chain  # noqa: E402
from references.read import Unreadable, layer_call, read_layer, write_layer  # noqa: E402
from tests.references.gated import gated_case  # noqa: E402
from tests.references.layer_files import drawn, without_zero_signs  # noqa: E402
from tests.references.same import assert_same  # noqa: E402

pytestmark = pytest.mark.framework


def test_what_write_layer_writes_is_read_bit_for_bit(tmp_path):
    path = tmp_path / "a.onnx.unproven"
    for case in drawn(60):
        if case.config.go_backwards and len(case.weights) > 1:
            with pytest.raises(Unsupported, match="backwards in one layer and one direction alone"):
                write_layer(case.config, case.weights, path)
            continue
        notes = write_layer(case.config, case.weights, path)
        assert bool(notes) == (case.config.dtype == "float64")
        assert_same(read(path), (case.config, without_zero_signs(case)))


def test_a_file_says_all_so_that_an_option_may_only_agree(tmp_path):
    case = gated_case("gru", reset_after=False)
    write_layer(case.config, case.weights, tmp_path / "a.onnx")
    assert read_layer(tmp_path / "a.onnx", reset_after=False).assumptions == ()
    with pytest.raises(Unreadable, match="the layer has reset_after False, and the option says Tr"):
        read(tmp_path / "a.onnx", reset_after=True)


def test_the_arrays_have_their_names_in_the_file():
    layer = read_layer(write(gated_case("lstm", bidirectional=True)))
    assert (layer.name, layer.framework) == ("LSTM_0", "onnx")
    assert layer.names[1] == {
        "W": "W_0[1]",
        "U": "R_0[1]",
        "b_W": "B_0[1, :8]",
        "b_U": "B_0[1, 8:]",
    }


def test_a_node_that_reads_backwards_says_how_its_outputs_stand():
    layer = read_layer(write(gated_case("rnn", go_backwards=True)))
    assert layer.config.go_backwards
    (sentence,) = layer.assumptions
    assert "Node 'RNN_0' has direction=reverse and puts out its sequence in the order" in sentence


@pytest.mark.parametrize(
    ("key", "array", "count"),
    [
        ("sequence_lens", np.array([3, 2], "i4"), 1),
        ("initial_h", np.ones((1, 2, 4), "f4"), 1),
        ("initial_h", np.zeros((1, 2, 4), "f4"), 0),
    ],
)
def test_what_a_node_has_as_a_constant_and_every_case_itself_is_said(key, array, count):
    model = write(gated_case("rnn"))
    (node,) = (node for node in model.graph.node if node.op_type == "RNN")
    inputs = [*node.input, "", "", ""][:6]
    inputs[INPUTS.index(key)] = "own"
    model.graph.initializer.append(numpy_helper.from_array(array, "own"))
    del node.input[:]
    node.input.extend(inputs)
    sentence = f"Node 'RNN_0' has {key} as a constant of the model; here it is that of each input "
    assert [text.startswith(sentence) for text in read_layer(model).assumptions] == [True] * count


def test_a_stack_is_read_whole_or_by_name():
    case = gated_case("gru", num_layers=3)
    model = write(case)
    assert chain(model) == ("GRU_0", "GRU_1", "GRU_2")
    assert_same(read(model), (case.config, case.weights))
    two = replace(case.config, num_layers=2, input_size=2)
    assert_same(read(model, "GRU_1,GRU_2"), (two, case.weights[1:]))


@pytest.mark.parametrize("names", ["RNN_1,RNN_0", "RNN_0,RNN_2", "RNN_1,RNN_1"])
def test_nodes_that_do_not_read_one_another_are_no_stack(names):
    with pytest.raises(Unsupported, match=r"reads .*, which is no 'RNN_\d' moved by"):
        read(write(gated_case("rnn", num_layers=3)), names)


def test_nodes_that_are_no_stack_are_listed():
    model = write(gated_case("rnn", num_layers=2))
    second = next(n for n in model.graph.node if n.name == "RNN_1")
    second.input[0] = "X"
    assert chain(model) == ()
    with pytest.raises(Unreadable, match="the ModelProto holds 2 recurrent layers: RNN_0, RNN_1"):
        read(model)


def test_a_model_without_recurrent_nodes_says_so():
    with pytest.raises(
        Unreadable, match="the ModelProto holds no recurrent layer that can be read"
    ):
        read(onnx.ModelProto())


def case_of(config, weights, seed=0, mask=None):
    rng = np.random.default_rng(seed)

    def numbers(*shape):
        return rng.uniform(-1, 1, shape).astype(config.dtype)

    states = (len(weights), 3, config.hidden_size)
    return Case(
        config,
        weights,
        numbers(3, 5, config.input_size),
        numbers(*states),
        mask,
        "zero",
        c_0=numbers(*states) if config.cell == "lstm" else None,
    )


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize(
    "form", [{}, {"num_layers": 2, "bidirectional": True}, {"go_backwards": True, "bias": False}]
)
def test_the_very_nodes_are_called_on_their_own_weights(cell, form, tmp_path):
    source = gated_case(cell, dtype="float32", **form)
    write_layer(source.config, source.weights, tmp_path / "a.onnx")
    run = layer_call(tmp_path / "a.onnx")
    case = case_of(source.config, source.weights)
    assert judge(case, run, "onnx", calls=1).kind == "agrees"
    others = gated_case(cell, 9, dtype="float32", **form).weights
    outputs = run(replace(case, weights=others))
    assert np.array_equal(outputs.sequence, run(case).sequence), "it takes its own weights"


@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_reaches_the_nodes(bidirectional):
    source = gated_case("rnn", dtype="float32", nonlinearity="relu", bidirectional=bidirectional)
    run = layer_call(write(source))
    mask = np.arange(5) < np.array([[5], [2], [3]])
    case = case_of(source.config, source.weights, mask=mask)
    assert judge(case, run, "it", calls=1).kind == "agrees"


def hostile(data):
    """Bytes that are nearly the file's: cut off, with bits flipped, with other bytes inside."""
    rng = np.random.default_rng(0)
    for _ in range(150):
        array = np.frombuffer(data, np.uint8).copy()
        kind = rng.integers(3)
        if kind == 0:
            array = array[: rng.integers(len(array))]
        elif kind == 1:
            for at in rng.integers(len(array), size=rng.integers(1, 9)):
                array[at] ^= 1 << rng.integers(8)
        else:
            at = rng.integers(len(array))
            array[at : at + 8] = rng.integers(256, size=len(array[at : at + 8]))
        yield array.tobytes()


def test_no_hostile_file_ends_in_anything_but_a_sentence(tmp_path):
    case = gated_case("gru", dtype="float32")
    write_layer(case.config, case.weights, tmp_path / "a.onnx")
    data, sentences, same = (tmp_path / "a.onnx").read_bytes(), set(), 0
    for bytes_ in hostile(data):
        (tmp_path / "a.onnx").write_bytes(bytes_)
        try:
            config, _ = read(tmp_path / "a.onnx")
        except (Unreadable, Unsupported) as error:
            sentences.add(str(error))
        else:
            same += isinstance(config, Config)
    assert not any("\n" in sentence for sentence in sentences)
    assert len(sentences) > 5
    assert same > 9, "some bytes are numbers, of which any is one"


def test_data_in_another_file_is_never_opened(tmp_path):
    model = write(gated_case("rnn"))
    onnx.save_model(
        model, tmp_path / "a.onnx", save_as_external_data=True, location="b", size_threshold=0
    )
    with pytest.raises(Unsupported, match=r"'W_0' lies in another file \(external data\)"):
        read(tmp_path / "a.onnx")


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "is empty"), (b"not a model", "cannot be read"), (b"\x80\x04N.", "cannot be read")],
)
def test_what_is_no_model_is_a_sentence(tmp_path, data, reason):
    (tmp_path / "a.onnx").write_bytes(data)
    with pytest.raises(Unreadable, match=f"a.onnx {reason}"):
        read(tmp_path / "a.onnx")


def test_numbers_that_are_not_finite_are_refused_by_name():
    model = write(gated_case("rnn"))
    W = next(t for t in model.graph.initializer if t.name == "W_0")
    W.CopyFrom(numpy_helper.from_array(np.full((1, 2, 3), np.nan), "W_0"))
    with pytest.raises(Unreadable, match=r"^W_0\[0\]\[0, 0\] is nan"):
        read(model)
