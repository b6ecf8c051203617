"""What ONNX Runtime says of itself, and its ways of computing an activation."""

import numpy as np
import pytest

onnxruntime = pytest.importorskip("onnxruntime")
from references import Unsupported  # noqa: E402
from references.onnx_rnn.framework import activation_paths, facts  # noqa: E402

pytestmark = pytest.mark.framework


def test_the_version_stands_first():
    assert next(iter(facts().items())) == ("onnxruntime", onnxruntime.__version__)
    assert facts()["onnxruntime threads"] == "1"


@pytest.mark.parametrize("nonlinearity", ["tanh", "sigmoid", "softsign"])
def test_each_path_computes_the_activation(nonlinearity):
    z = np.array([0.0, 6.0, -6.0, 0.75, -3.0], "float32")
    truth = {"tanh": np.tanh(z), "sigmoid": 1 / (1 + np.exp(-z)), "softsign": z / (1 + np.abs(z))}
    paths = activation_paths(nonlinearity)
    gated = [] if nonlinearity == "softsign" else ["in an LSTM"]
    assert list(paths) == ["in an RNN", *gated]
    for label, path in paths.items():
        actual = path(z)
        assert (actual.dtype, actual.shape) == (z.dtype, z.shape)
        assert np.abs(actual - truth[nonlinearity]).max() < 4e-7, label


def test_float64_is_refused():
    with pytest.raises(Unsupported, match="float64"):
        activation_paths("tanh")["in an RNN"](np.zeros(3))
