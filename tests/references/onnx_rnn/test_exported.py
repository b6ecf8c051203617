"""Files of torch.onnx.export in ONNX Runtime."""

from dataclasses import replace

import numpy as np
import pytest

from harness.judge.judge import judge

pytest.importorskip("onnxruntime")
pytest.importorskip("torch")
from references import NotInstalled, Unsupported
from references.onnx_rnn import exported as module
from references.onnx_rnn.calls import run
from references.onnx_rnn.exported import exported
from tests.references.gated import gated_case

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
