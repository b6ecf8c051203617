"""Every argument of Keras' recurrent layers is reached by a case or a variant, or changes no
output; a new one fails here.
"""

import inspect

import pytest

from tests.references.accounts import pointless, unaccounted

pytestmark = pytest.mark.framework
pytest.importorskip("torch")  # before TensorFlow
keras = pytest.importorskip("keras")

TRAINING = "acts in training alone"
ACCOUNTED = {
    "units": "case: hidden_size",
    "activation": "case: nonlinearity",
    "use_bias": "case: bias",
    "reset_after": "case: reset_after",
    "recurrent_activation": "is the sigmoid of a case; the mirror refuses others",
    "use_cudnn": "variant: no_cudnn",
    "unit_forget_bias": "sets the bias that the case has",
    "go_backwards": "case: go_backwards",
    "dtype": "case: dtype",
    "sequence": "case: input_size",
    "sequences": "case: input_size",
    "kernel_initializer": "variant: initializers",
    "recurrent_initializer": "variant: initializers",
    "bias_initializer": "variant: initializers",
    "kernel_regularizer": TRAINING,
    "recurrent_regularizer": TRAINING,
    "bias_regularizer": TRAINING,
    "activity_regularizer": TRAINING,
    "kernel_constraint": TRAINING,
    "recurrent_constraint": TRAINING,
    "bias_constraint": TRAINING,
    "trainable": TRAINING,
    "dropout": "variant: dropout",
    "recurrent_dropout": "variant: dropout",
    "seed": "variant: dropout",
    "training": "variant: dropout",
    "return_sequences": "variant: last_output",
    "return_state": "variant: no_state",
    "stateful": "variant: halves",
    "unroll": "variant: unroll",
    "zero_output_for_mask": "variant: last_output_zero",
    "initial_state": "variant: default_state",
    "states": "variant: cell",
    "mask": "variant: masking",
    "mask_value": "variant: masking",
    "cell": "variant: cell",
    "cells": "variant: stacked",
    "layer": "variant: backward_layer",
    "backward_layer": "variant: backward_layer",
    "merge_mode": "variant: merge_sum",
    "weights": "variant: weights_argument",
    "inputs": "case: input_size",
    "name": "names the layer",
    "autocast": "casts inputs to the layer's dtype, which they have",
}


def arguments():
    """The arguments of constructors and calls; what Layer itself takes comes with every one of
    them.
    """
    layers = keras.layers
    classes = (
        layers.SimpleRNN,
        layers.GRU,
        layers.LSTM,
        layers.RNN,
        layers.Bidirectional,
        layers.SimpleRNNCell,
        layers.GRUCell,
        layers.LSTMCell,
        layers.StackedRNNCells,
        layers.Masking,
        layers.Layer,
    )
    functions = [kind.__init__ for kind in classes] + [
        kind.call for kind in classes if kind is not layers.Layer
    ]
    return {name for function in functions for name in inspect.signature(function).parameters} - {
        "self",
        "args",
        "kwargs",
    }


def test_every_argument_is_accounted_for():
    assert unaccounted(arguments(), ACCOUNTED) == []


def test_a_new_argument_would_be_noticed():
    assert unaccounted(arguments() | {"zoneout"}, ACCOUNTED) == ["zoneout"]
    assert unaccounted(arguments() - {"unroll"}, ACCOUNTED) == ["unroll"]


def test_the_accounts_name_what_there_is():
    assert pointless(ACCOUNTED, "keras") == []
    assert pointless({"x": "case: no_field", "y": "variant: no_way", "z": "says why"}, "keras") == [
        "no_field",
        "no_way",
    ]
