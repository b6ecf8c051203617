"""A network is built once for each shape, and every case sets its own weights."""

import numpy as np
import pytest

from harness import sample_cases

pytest.importorskip("keras")
from references.keras_rnn.network import network
from references.keras_rnn.options import Options

pytestmark = pytest.mark.framework
LIMITS = {"masks": False, "go_backwards": False, "bidirectional": False, "num_layers": 1}
SIZES = {"time": 3, "batch": 2, "input_size": 3, "hidden_size": 4, "dtype": "float32"}


def test_the_next_case_of_a_shape_takes_the_layers_and_brings_its_weights():
    one, other = sample_cases(2, **LIMITS, **SIZES, bias=True, nonlinearity="tanh")
    first = network(one, Options())
    kernel = first.layers[0].get_weights()[0]
    second = network(other, Options())
    assert second.layers[0] is first.layers[0]
    assert np.array_equal(kernel, one.weights[0].W.T)
    assert np.array_equal(second.layers[0].get_weights()[0], other.weights[0].W.T)


def test_initializers_need_layers_of_their_own():
    case = next(sample_cases(1, **LIMITS, **SIZES))
    nets = [network(case, Options(weights="initializer")) for _ in range(2)]
    assert nets[0].layers[0] is not nets[1].layers[0]
