"""Layers are built as the options say, and their weights stand in Keras' order."""

import numpy as np
import pytest

from harness import sample_cases

keras = pytest.importorskip("keras")
from references.keras_rnn.layers import arrays_of, build  # noqa: E402
from references.keras_rnn.options import Options, shape_of  # noqa: E402

pytestmark = pytest.mark.framework
LIMITS = {"masks": False, "go_backwards": False, "time": 3, "bias": True, "num_layers": 2}


def build_as(options, **limits):
    case = next(sample_cases(1, **LIMITS, **limits))
    return case, build(shape_of(case, options), options, ())


def test_there_is_a_layer_for_each_of_the_case():
    _, layers = build_as(Options(), bidirectional=False)
    assert [type(layer) for layer in layers] == [keras.layers.SimpleRNN] * 2
    _, layers = build_as(Options(unroll=True), bidirectional=True)
    assert all(layer.forward_layer.unroll and layer.backward_layer.unroll for layer in layers)


def test_kernels_are_transposed_and_biases_folded():
    case = next(sample_cases(1, **LIMITS, bidirectional=False))
    cell = case.weights[0]
    kernel, recurrent_kernel, bias = arrays_of([cell], True)
    assert np.array_equal(kernel, cell.W.T)
    assert np.array_equal(recurrent_kernel, cell.U.T)
    assert np.array_equal(bias, cell.b_W + cell.b_U)
    assert len(arrays_of([cell], False)) == 2
