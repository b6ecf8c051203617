"""What torch says of itself, and its ways of computing an activation."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from references.torch_rnn.framework import activation_paths, facts  # noqa: E402

pytestmark = pytest.mark.framework


def test_the_version_stands_first():
    assert next(iter(facts().items())) == ("torch", torch.__version__)


def test_tanh_has_one_path_and_the_others_none():
    z = np.array([0.0, 40.0, -40.0], "float32")
    (path,) = activation_paths("tanh").values()
    assert path(z).tolist() == [0, 1, -1]
    assert activation_paths("relu") == {}
