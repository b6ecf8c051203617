"""Files of torch.onnx.export in ONNX Runtime."""

from dataclasses import replace

import numpy as np
import pytest

from harness.judge.judge import judge

pytest.importorskip("onnxruntime")
torch = pytest.importorskip("torch")
from references import NotInstalled, Unsupported, read  # noqa: E402
from references.case import Case  # noqa: E402
from references.onnx_rnn import exported as module  # noqa: E402
from references.onnx_rnn.calls import run  # noqa: E402
from references.onnx_rnn.exported import exported  # noqa: E402
from references.read import layer_call, read_layer  # noqa: E402
from references.torch_rnn import onnx_bytes  # noqa: E402
from tests.references.gated import gated_case  # noqa: E402
from tests.references.same import assert_same  # noqa: E402

pytestmark = pytest.mark.framework
FORMS = [{}, {"num_layers": 2, "bidirectional": True}, {"bias": False, "num_layers": 3}]


@pytest.mark.parametrize("form", FORMS)
def test_an_exported_rnn_is_right(form):
    case = gated_case("rnn", dtype="float32", nonlinearity="relu", **form)
    assert judge(case, exported, "onnx/exported").kind == "agrees"


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("form", FORMS)
def test_an_exported_gated_layer_gives_the_same_bits_as_our_graph(cell, form):
    case = gated_case(cell, dtype="float32", **form)
    outputs, plain = exported(case), run(case)
    for field in ("sequence", "h_n", "c_n"):
        assert np.array_equal(getattr(outputs, field), getattr(plain, field)), field


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_a_layer_that_torch_trained_is_read_from_its_export_as_from_itself(kind, tmp_path):
    torch.manual_seed(0)
    module = getattr(torch.nn, kind)(3, 4, 2, bidirectional=True, batch_first=True)
    optimizer = torch.optim.SGD(module.parameters(), 0.5)
    inputs = torch.randn(5, 6, 3)
    for _ in range(3):
        optimizer.zero_grad()
        module(inputs)[0].square().mean().backward()
        optimizer.step()
    config, weights = read(module)
    case = Case(config, weights, inputs.numpy())
    (tmp_path / "a.onnx").write_bytes(onnx_bytes(case))
    assert_same(read(tmp_path / "a.onnx"), (config, weights))
    assert read_layer(tmp_path / "a.onnx").name == f"/{kind},/{kind}_1"
    verdict = judge(case, layer_call(tmp_path / "a.onnx"), "onnx", calls=1)
    assert verdict.kind == "agrees"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"dtype": "float64"}, "in float64"),
        ({"go_backwards": True}, "torch.nn.GRU has no go_backwards"),
        ({"masked_output": "zero"}, "torch's layer takes no mask"),
    ],
)
def test_what_it_cannot_compute_is_refused(fields, reason):
    with pytest.raises(Unsupported, match=reason):
        exported(gated_case("gru", **{"dtype": "float32"} | fields))


def test_without_torch_it_is_refused_with_the_command_that_installs_it(monkeypatch):
    def missing(name):
        raise NotInstalled(f"{name} needs torch: pip install 'rnn-parity[torch]'")

    monkeypatch.setattr(module, "module", missing)
    case = replace(gated_case("gru", dtype="float32"))
    with pytest.raises(Unsupported, match=r"pip install 'rnn-parity\[torch\]'"):
        exported(case)
