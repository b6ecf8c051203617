"""Nodes of a model that is not ours: shapes, constants, what stands between two layers, hostile
bytes.
"""

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from references import Unreadable, Unsupported, read  # noqa: E402
from references.onnx_rnn.mirror import write  # noqa: E402
from references.onnx_rnn.reader import NUMBERS, constant, has_text_names, recurrent  # noqa: E402
from tests.references.gated import gated_case  # noqa: E402
from tests.references.same import assert_same  # noqa: E402

pytestmark = pytest.mark.framework


def model_of(cell="rnn", **fields):
    return write(gated_case(cell, **fields))


def initializer(model, name):
    return next(t for t in model.graph.initializer if t.name == name)


def test_nodes_without_a_name_or_of_the_same_have_numbers():
    model = model_of(num_layers=3)
    nodes = [n for n in model.graph.node if n.op_type == "RNN"]
    nodes[0].name, nodes[1].name, nodes[2].name = "", "a", "a"
    assert list(recurrent(model)) == ["RNN_0", "a", "a_6"]
    nodes[1].name = "x,y"  # a comma separates names
    assert list(recurrent(model)) == ["RNN_0", "RNN_3", "a"]


def test_a_name_that_is_no_text_is_noticed():
    model = model_of()
    assert has_text_names(model)
    data = model.SerializeToString().replace(b"RNN_0", b"RN\xff_0")
    assert not has_text_names(onnx.ModelProto.FromString(data))


def test_weights_may_be_constants_and_have_typed_data():
    case = gated_case("gru", dtype="float32")
    model = write(case)
    W = initializer(model, "W_0")
    array = numpy_helper.to_array(W)
    model.graph.initializer.remove(W)
    typed = helper.make_tensor("value", TensorProto.FLOAT, array.shape, array.ravel().tolist())
    first = helper.make_node("Constant", [], ["W_c"], value=typed)
    second = helper.make_node("Identity", ["W_c"], ["W_0"])
    model.graph.node.insert(0, first)
    model.graph.node.insert(1, second)
    assert_same(read(model), (case.config, case.weights))


def computed(model):
    W = initializer(model, "W_0")
    W.name = "quantized"
    node = helper.make_node("DequantizeLinear", ["quantized", "scale"], ["W_0"])
    model.graph.node.insert(0, node)


def an_input(model):
    model.graph.initializer.remove(initializer(model, "W_0"))


def elsewhere(model):
    W = initializer(model, "W_0")
    W.ClearField("raw_data")
    W.data_location = TensorProto.EXTERNAL
    W.external_data.add(key="location", value="../../../../etc/passwd")


def half(model):
    W = initializer(model, "W_0")
    W.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(W).astype("float16"), "W_0"))


def huge(model):
    initializer(model, "W_0").dims[:] = [1 << 40, 1 << 40, 1 << 40]


def negative(model):
    initializer(model, "W_0").dims[:] = [1, -1, -1]


def short(model):
    W = initializer(model, "W_0")
    W.raw_data = W.raw_data[:-3]


def strange(model):
    initializer(model, "W_0").data_type = 77


def transposed(model):
    W = initializer(model, "R_0")
    W.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(W)[:, :1], "R_0"))


def flat(model):
    W = initializer(model, "W_0")
    W.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(W).ravel(), "W_0"))


def said_otherwise(model):
    (node,) = (n for n in model.graph.node if n.name == "RNN_0")
    next(a for a in node.attribute if a.name == "hidden_size").i = 9


def mixed(model):
    W = initializer(model, "W_0")
    W.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(W).astype("float32"), "W_0"))


def around(model):
    del model.graph.initializer[:]
    for source, target in (("W_0", "a"), ("a", "W_0")):
        model.graph.node.insert(0, helper.make_node("Identity", [source], [target]))


def without_r(model):
    (node,) = (n for n in model.graph.node if n.name == "RNN_0")
    del node.input[2:]


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        (
            computed,
            Unsupported,
            "'W_0' is computed by DequantizeLinear, and only constants are read",
        ),
        (an_input, Unsupported, "'W_0' is no constant of the model, but an input of it"),
        (
            elsewhere,
            Unsupported,
            r"'W_0' lies in another file \(external data\), which is never op",
        ),
        (half, Unsupported, "'W_0' has dtype FLOAT16, expected float32 or float64"),
        (strange, Unsupported, r"'W_0' has dtype \?, expected"),
        (huge, Unreadable, "'W_0' has shape 1099511627776x.*, but 6 numbers"),
        (negative, Unreadable, "'W_0' has shape 1x-1x-1, but 6 numbers"),
        (short, Unreadable, "'W_0' has shape 1x2x3, but 5 numbers"),
        (
            transposed,
            Unreadable,
            r"R of node 'RNN_0' has shape \(1, 1, 2\), which no 1 direction of",
        ),
        (flat, Unreadable, r"W of node 'RNN_0' has shape \(6,\), which no 1 direction of RNN has"),
        (said_otherwise, Unreadable, "node 'RNN_0' says hidden_size=9, but R has 2 columns"),
        (mixed, Unreadable, "the arrays of node 'RNN_0' have several dtypes"),
        (around, Unreadable, "is a chain of more than 8 nodes Identity"),
        (without_r, Unreadable, "node 'RNN_0' has no R"),
    ],
)
def test_what_is_no_layer_is_a_sentence(change, kind, reason):
    model = model_of()
    change(model)
    with pytest.raises(kind, match=reason):
        read(model)


def between(model, *nodes):
    """Replaces what leads from the first layer to the second."""
    lower, upper = (n for n in model.graph.node if n.op_type == "RNN")
    upper.input[0] = "below"
    lower, upper = (onnx.NodeProto.FromString(n.SerializeToString()) for n in (lower, upper))
    del model.graph.node[:]
    model.graph.node.extend([lower, *nodes, upper])
    return model


def node(op, *inputs, output="below", **attributes):
    return helper.make_node(op, inputs, [output], **attributes)


def with_axes(model):
    model.graph.initializer.append(numpy_helper.from_array(np.array([1]), "axes"))
    return model


@pytest.mark.parametrize(
    "nodes",
    [
        [node("Squeeze", "Y_0", "axes")],
        [node("Dropout", "Y_0", output="d"), node("Squeeze", "d", "axes")],
    ],
)
def test_a_squeezed_axis_of_directions_leads_to_the_next_layer(nodes):
    model = between(with_axes(model_of(num_layers=2)), *nodes)
    assert read(model)[0].num_layers == 2


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([node("Relu", "Y_0")], "node 'RNN_1' reads node Relu, which is no 'RNN_0' moved by"),
        ([], "node 'RNN_1' reads an input of the model, which is no 'RNN_0' moved by"),
        ([node("Identity", "Y_0")], "node 'RNN_1' does not read the sequence"),
        ([node("Dropout", "Y_0", "", "train")], "'train' is no constant of the model"),
        (
            [
                node("Transpose", "Y_0", perm=[2, 0, 1, 3], output="t"),
                node("Reshape", "t", "shape_0"),
            ],
            "node 'RNN_1' does not read the sequence",
        ),
    ],
)
def test_other_ways_to_the_next_layer_are_refused(nodes, reason):
    model = between(model_of(num_layers=2), *nodes)
    with pytest.raises(Unsupported, match=reason):
        read(model, "RNN_0,RNN_1")


def test_a_shape_that_does_not_fit_is_a_sentence():
    model = between(model_of(num_layers=2), node("Reshape", "Y_0", "huge"))
    model.graph.initializer.append(numpy_helper.from_array(np.array([1 << 50, 1 << 50]), "huge"))
    with pytest.raises(Unreadable, match="node Reshape cannot move a sequence"):
        read(model, "RNN_0,RNN_1")


def test_whole_numbers_are_read_as_shapes_alone():
    model = model_of()
    assert constant(model, "shape_0", {TensorProto.INT64: "int64"}).tolist() == [0, 0, 2]
    with pytest.raises(Unsupported, match="'shape_0' has dtype INT64, expected float32 or float64"):
        constant(model, "shape_0", NUMBERS)
