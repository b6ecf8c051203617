"""The law of the mirror, `read(write(case)) == (config, weights)`, and what nodes are refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import cases

onnx = pytest.importorskip("onnx")
from references import Unreadable, Unsupported, read  # noqa: E402
from references.case import Config  # noqa: E402
from references.onnx_rnn.mirror import arrays, write  # noqa: E402
from tests.references.gated import gated_case, gated_cases  # noqa: E402
from tests.references.layer_files import without_zero_signs  # noqa: E402
from tests.references.same import assert_same  # noqa: E402

pytestmark = pytest.mark.framework
SMALL = {"time": 1, "batch": 1, "input_size": (1, 4), "hidden_size": (1, 4), "masks": False}


plain = cases(**SMALL, go_backwards=False)
backwards = cases(**SMALL, go_backwards=True, num_layers=1, bidirectional=False)


@given(case=plain | backwards)
@settings(max_examples=25)
def test_read_gives_back_what_write_put_in(case):
    assert_same(read(write(case)), (case.config, without_zero_signs(case)))


@given(
    case=gated_cases(),
    reset_after=st.booleans(),
)
@settings(max_examples=25)
def test_read_gives_back_the_gates_that_write_put_in(case, reset_after):
    if case.config.cell == "gru":
        case = replace(case, config=replace(case.config, reset_after=reset_after))
    model = onnx.load_from_string(write(case).SerializeToString())  # as a file has it
    assert_same(read(model), (case.config, without_zero_signs(case)))


def test_the_law_would_notice_a_changed_number():
    case = gated_case("gru", dtype="float32")
    model = write(case)
    (W,) = (t for t in model.graph.initializer if t.name == "W_0")
    W.raw_data = W.raw_data[:-1] + bytes([W.raw_data[-1] ^ 1])
    with pytest.raises(AssertionError, match="W of cell 0 differs"):
        assert_same(read(model), (case.config, case.weights))


def test_one_layer_of_a_stack_is_read_by_its_name_and_several_by_theirs():
    case = gated_case("lstm", num_layers=3, bidirectional=True)
    config, weights = read(write(case), "LSTM_1")
    assert config == replace(case.config, num_layers=1, input_size=case.config.output_size)
    assert_same((config, weights), (config, case.weights[2:4]))
    config, weights = read(write(case), "LSTM_1,LSTM_2")
    assert config == replace(case.config, num_layers=2, input_size=case.config.output_size)
    assert_same((config, weights), (config, case.weights[2:]))


def test_arrays_have_the_names_of_onnx_and_no_axis_of_directions():
    own = arrays(write(gated_case("gru")))
    assert {name: array.shape for name, array in own.items()} == {
        "W": (6, 3),
        "R": (6, 2),
        "B": (12,),
    }


@pytest.mark.parametrize("fields", [{"num_layers": 2}, {"bidirectional": True}])
def test_go_backwards_is_written_for_one_layer_in_one_direction(fields):
    with pytest.raises(Unsupported, match="in one layer and one direction alone"):
        write(gated_case("rnn", go_backwards=True, **fields))


def attribute(model, node, **values):
    (proto,) = (n for n in model.graph.node if n.name == node)
    for name, value in values.items():
        for index, own in reversed(list(enumerate(proto.attribute))):
            if own.name == name:
                del proto.attribute[index]
        proto.attribute.append(onnx.helper.make_attribute(name, value))
    return model


@pytest.mark.parametrize(
    ("cell", "values", "reason"),
    [
        ("lstm", {"clip": 1.0}, "node 'LSTM_0' has clip, which no Config has"),
        ("lstm", {"input_forget": 1}, "node 'LSTM_0' has input_forget, which no Config has"),
        ("rnn", {"activations": ["Elu"]}, "node 'RNN_0' has activations elu, which no Config has"),
        ("rnn", {"activations": ["Affine"]}, "node 'RNN_0' has activations affine, which no"),
        ("gru", {"activations": ["HardSigmoid", "Tanh"]}, "has activations hardsigmoid, tanh,"),
        ("gru", {"direction": "sideways"}, "node 'GRU_0' has direction 'sideways'"),
        ("gru", {"layout": 2}, "node 'GRU_0' has layout 2"),
    ],
)
def test_what_no_config_says_is_refused_by_name(cell, values, reason):
    model = attribute(write(gated_case(cell)), f"{cell.upper()}_0", **values)
    with pytest.raises(Unsupported, match=reason):
        read(model)


def test_peepholes_are_refused_by_name():
    model = write(gated_case("lstm"))
    (node,) = (n for n in model.graph.node if n.op_type == "LSTM")
    node.input.append("P_0")
    with pytest.raises(
        Unsupported, match=r"node 'LSTM_0' has peepholes \(P\), which no Config has"
    ):
        read(model)


@pytest.mark.parametrize("names", [["sigmoid", "TANH"], None])
def test_activations_are_named_in_any_case_or_left_out(names):
    case = gated_case("gru")
    model = write(case)
    model = attribute(model, "GRU_0", activations=names) if names else model
    assert read(model)[0] == case.config


def test_the_older_gru_is_read_as_one_that_resets_before_the_product():
    model = attribute(write(gated_case("gru")), "GRU_0", linear_before_reset=0)
    assert read(model)[0].reset_after is False


def test_a_layer_that_reads_backwards_below_another_is_no_stack_of_ours():
    model = attribute(write(gated_case("rnn", num_layers=2)), "RNN_0", direction="reverse")
    with pytest.raises(Unsupported, match="node 'RNN_0' reads backwards and puts out its sequence"):
        read(model, "RNN_0,RNN_1")
    with pytest.raises(Unreadable, match="holds 2 recurrent layers: RNN_0, RNN_1"):
        read(model)


def test_a_stack_of_other_layers_is_no_stack_of_ours():
    model = attribute(write(gated_case("gru", num_layers=2)), "GRU_1", linear_before_reset=0)
    message = "GRU_0,GRU_1 is no stack: GRU_1 has reset_after False, and upon GRU_0 it needs True"
    with pytest.raises(Unreadable, match=message):
        read(model)


def test_a_model_without_recurrent_nodes_and_a_name_of_none_are_sentences():
    empty = onnx.ModelProto()
    with pytest.raises(Unreadable, match="the ModelProto holds no recurrent layer"):
        read(empty)
    with pytest.raises(Unreadable, match="has no recurrent layer 'x'; it has RNN_0, RNN_1"):
        read(write(gated_case("rnn", num_layers=2)), "x")


def test_a_config_of_one_layer_is_what_the_node_says():
    assert read(write(gated_case("rnn", bias=False)))[0] == Config(
        3, 2, bias=False, dtype="float64"
    )
    assert np.all([cell.b_W == 0 for cell in read(write(gated_case("rnn", bias=False)))[1]])
