"""The graph of a case: what goes in, what comes out, and that onnx takes it for valid."""

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
from references.onnx_rnn.graph import IR_VERSIONS, Graph  # noqa: E402
from references.onnx_rnn.options import Options  # noqa: E402
from tests.references.gated import gated_case  # noqa: E402

pytestmark = pytest.mark.framework


def build(case, lengths=False, weights=True, **options):
    graph = Graph(case.config, Options(**options), lengths)
    return graph.build(case.weights if weights else None)


def names(values):
    return [value.name for value in values]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"layout": 1},
        {"directions": "two nodes"},
        {"directions": "two nodes", "layout": 1},
        {"state": "default", "weights": "inputs"},
        {"attributes": "all"},
        {"outputs": "last"},
        {"opset": 7},
        {"opset": 22},
    ],
)
def test_onnx_takes_each_graph_for_valid(cell, options):
    case = gated_case(cell, num_layers=2, bidirectional=options.get("outputs") != "last")
    for cells in (case.weights, None):
        model = Graph(case.config, Options(**options), lengths=True).build(cells)
        onnx.checker.check_model(model, full_check=True)
        opset = options.get("opset", 14)
        assert (model.opset_import[0].version, model.ir_version) == (opset, IR_VERSIONS[opset])


def test_a_graph_of_two_layers_has_a_node_a_layer_and_its_inputs_by_name():
    graph = build(gated_case("lstm", num_layers=2), lengths=True).graph
    assert [n.name for n in graph.node if n.op_type == "LSTM"] == ["LSTM_0", "LSTM_1"]
    states = ["initial_h_0", "initial_c_0", "initial_h_1", "initial_c_1"]
    assert names(graph.input) == ["X", "sequence_lens", *states]
    assert names(graph.output) == [f"{n}_{i}" for i in (0, 1) for n in ("Y_h", "Y_c", "sequence")]
    assert names(graph.initializer) == [
        "W_0",
        "R_0",
        "B_0",
        "shape_0",
        "W_1",
        "R_1",
        "B_1",
        "shape_1",
    ]


def test_without_weights_they_are_inputs_and_hold_for_any_sizes():
    graph = build(gated_case("gru"), weights=False).graph
    assert names(graph.input) == ["X", "W_0", "R_0", "B_0", "initial_h_0"]
    assert names(graph.initializer) == ["shape_0"]
    assert all(dim.dim_param for value in graph.input for dim in value.type.tensor_type.shape.dim)


def test_two_nodes_share_what_one_bidirectional_node_has():
    case = gated_case("rnn", bidirectional=True)
    graph = build(case, directions="two nodes").graph
    assert [n.op_type for n in graph.node] == [
        "RNN", "RNN", "Concat", "Concat", "Transpose", "Reshape",
    ]  # fmt: skip
    arrays = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    assert np.array_equal(arrays["W_0_forward"][0], case.weights[0].W)
    assert np.array_equal(arrays["W_0_reverse"][0], case.weights[1].W)


def test_the_last_output_alone_leaves_the_sequence_out():
    graph = build(gated_case("gru", num_layers=2), outputs="last").graph
    assert [list(n.output) for n in graph.node if n.op_type == "GRU"] == [
        ["Y_0", "Y_h_0"],
        ["", "Y_h_1"],
    ]
