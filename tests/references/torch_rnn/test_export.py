"""torch.onnx.export writes a case's layer; what it writes holds its weights, bit for bit."""

import warnings

import pytest

pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
from references import Unsupported, read  # noqa: E402
from references.torch_rnn.export import onnx_bytes  # noqa: E402
from tests.references.gated import gated_case  # noqa: E402
from tests.references.same import assert_same  # noqa: E402

pytestmark = pytest.mark.framework


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("form", [{}, {"num_layers": 2, "bidirectional": True}])
def test_the_file_holds_the_weights_and_warns_of_nothing(cell, form, capfd):
    case = gated_case(cell, dtype="float32", **form)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = onnx.load_from_string(onnx_bytes(case))
    assert_same(read(model), (case.config, case.weights))
    assert capfd.readouterr().out == ""


def test_what_torch_has_not_is_not_exported():
    with pytest.raises(Unsupported, match="go_backwards"):
        onnx_bytes(gated_case("rnn", go_backwards=True))
