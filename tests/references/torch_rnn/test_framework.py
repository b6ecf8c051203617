"""What torch says of itself, and its ways of computing an activation."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from references.torch_rnn.framework import activation_paths, facts  # noqa: E402

pytestmark = pytest.mark.framework


def test_the_version_stands_first():
    assert next(iter(facts().items())) == ("torch", torch.__version__)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tanh_and_sigmoid_have_two_paths_and_the_others_none(dtype):
    z = np.array([0.0, 40.0, -40.0, 0.75, -3.0], dtype)
    truth = {"tanh": np.tanh(z), "sigmoid": 1 / (1 + np.exp(-z))}
    for nonlinearity, expected in truth.items():
        for label, path in activation_paths(nonlinearity).items():
            actual = path(z)
            assert (actual.dtype, actual.shape) == (z.dtype, z.shape)
            assert np.allclose(actual, expected, rtol=16 * np.finfo(dtype).eps, atol=0), label
    assert activation_paths("relu") == {}
