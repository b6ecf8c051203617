"""One node in a graph of its own: it is the file's node, with the file's attributes."""

import numpy as np
import pytest

pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")
from references import Unsupported  # noqa: E402
from references.onnx_rnn.call_node import NodeCall  # noqa: E402
from references.onnx_rnn.calls import run  # noqa: E402
from references.onnx_rnn.mirror import write  # noqa: E402
from references.onnx_rnn.reader import read_node, recurrent  # noqa: E402
from tests.references.gated import gated_case  # noqa: E402

pytestmark = pytest.mark.framework


def call_of(model):
    ((name, proto),) = recurrent(model).items()
    return NodeCall(model, read_node(model, name, proto))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("form", [{}, {"bidirectional": True}, {"bias": False}])
def test_it_gives_the_bits_of_the_reference(cell, form):
    case = gated_case(cell, dtype="float32", **form)
    outputs, expected = call_of(write(case))(case), run(case)
    for field in ("sequence", "h_n", "c_n"):
        assert np.array_equal(getattr(outputs, field), getattr(expected, field)), field


def test_it_has_the_attributes_of_its_node():
    """Of a clip a Config says nothing, but the node still has it: it is the very node."""
    case = gated_case("rnn", dtype="float32", gain=4.0)
    model = write(case)
    (node,) = (n for n in model.graph.node if n.op_type == "RNN")
    node.attribute.append(onnx.helper.make_attribute("clip", 0.01))
    outputs = call_of(model)(case)
    assert np.abs(outputs.sequence).max() < 0.0101
    assert not np.array_equal(outputs.sequence, run(case).sequence)


def test_one_session_serves_every_case_and_another_those_with_lengths():
    case = gated_case("gru", dtype="float32")
    call = call_of(write(case))
    call(case)
    call(gated_case("gru", 1, dtype="float32", batch=5, time=9))
    assert list(call.sessions) == [False]


@pytest.mark.parametrize(
    ("change", "dtype", "reason"),
    [
        ({}, "float64", "ONNX Runtime has no RNN, GRU or LSTM in float64"),
        ({"layout": 1}, "float32", "ONNX Runtime has no layout 1, the batch first"),
        ({"output_sequence": 1}, "float32", "ONNX Runtime does not take node 'RNN_0': "),
    ],
)
def test_what_runtime_has_not_is_refused_and_not_printed(change, dtype, reason, capfd):
    case = gated_case("rnn", dtype=dtype)
    model = write(case)
    (node,) = (n for n in model.graph.node if n.op_type == "RNN")
    node.attribute.extend(onnx.helper.make_attribute(*item) for item in change.items())
    with pytest.raises(Unsupported, match=reason):
        call_of(model)(case)
    assert capfd.readouterr() == ("", "")
