"""keras.layers.SimpleRNN as an implementation, and its variants; the only folder that imports Keras and TensorFlow."""

import os

os.environ.setdefault(
    "TF_CPP_MIN_LOG_LEVEL", "2"
)  # TensorFlow's start-up notices; its errors are still shown

from references.keras_rnn import variants
from references.keras_rnn.framework import activation_paths, facts
from references.keras_rnn.plain import run
from references.keras_rnn.traced import graph

__all__ = ["VARIANTS", "activation_paths", "facts", "run"]

# By what they vary: the loop, the state, the mask, the directions, the outputs, the call, the weights.
VARIANTS = {
    "graph": graph,
    "unroll": variants.unroll,
    "cell": variants.cell,
    "stacked": variants.stacked,
    "list_of_cells": variants.list_of_cells,
    "list_of_one": variants.list_of_one,
    "stacked_reset": variants.stacked_reset,
    "default_state": variants.default_state,
    "halves": variants.halves,
    "reset": variants.reset,
    "reset_to": variants.reset_to,
    "masking": variants.masking,
    "masking_and_state": variants.masking_and_state,
    "mask_int8": variants.mask_int8,
    "mask_float32": variants.mask_float32,
    "backward_layer": variants.backward_layer,
    "made_backward": variants.made_backward,
    "merge_none": variants.merge_none,
    "merge_sum": variants.merge_sum,
    "merge_ave": variants.merge_ave,
    "merge_mul": variants.merge_mul,
    "inner_dtype": variants.inner_dtype,
    "no_state": variants.no_state,
    "last_output": variants.last_output,
    "last_output_and_state": variants.last_output_and_state,
    "last_output_zero": variants.last_output_zero,
    "model": variants.model,
    "predict": variants.predict,
    "function": variants.function,
    "jit": variants.jit,
    "weights_after": variants.weights_after,
    "initializers": variants.initializers,
    "weights_argument": variants.weights_argument,
    "saved": variants.saved,
    "dropout": variants.dropout,
}
