"""The mirror as a graph, traced once for each kind of layer: the way to many cases a second.

An unmodified SimpleRNN of one input and one unit is called in a `keras.StatelessScope`, which puts
arguments of the graph in the place of its weights. Keras does not say that weights may have another
shape there; a test watches over it.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import keras
import numpy as np

from references.case import Case, Config, Outputs
from references.cells.walk import Layer, States, stack
from references.keras_rnn.calls import as_arrays, refuse_case
from references.keras_rnn.framework import need_tensorflow
from references.keras_rnn.layers import arrays_of, build
from references.keras_rnn.options import Options, Shape


def graph(case: Case) -> Outputs:
    """Copies the case into arguments of a `tf.function` that was traced once for all shapes."""
    need_tensorflow("a traced graph")
    refuse_case(case)
    return stack(case, _whole_layer)


def _whole_layer(layer: Layer) -> tuple[np.ndarray, States | None]:
    import tensorflow as tf

    config = layer.case.config
    kind = replace(config.kind, go_backwards=layer.backwards)
    function = _function(kind, layer.case.masked_output if layer.mask is not None else "")
    arguments = [
        tf.constant(layer.inputs),
        [tf.constant(state) for state in layer.initial[0]],
        [tf.constant(array) for array in arrays_of(layer.weights, config.bias)],
        None if layer.mask is None else tf.constant(layer.mask),
    ]
    return as_arrays(function(*arguments))


@cache  # there are no more than 240 kinds
def _function(kind: Config, masked_output: str) -> Callable[..., list[Any]]:
    """(inputs (B, T, I), states (B, H), weights, mask (B, T) or none) -> sequence, then states."""
    import tensorflow as tf

    shape = Shape(kind, None, None, bool(masked_output), masked_output, 0.0)
    (rnn,) = build(shape, Options())
    variables = rnn.weights

    def forward(inputs: Any, states: list[Any], weights: list[Any], mask: Any = None) -> list[Any]:
        initial = states if kind.bidirectional else states[0]
        with keras.StatelessScope() as scope:
            for variable, weight in zip(variables, weights, strict=True):
                scope.add_update((variable, weight))
            return rnn(inputs, initial_state=initial, mask=mask)  # type: ignore[no-any-return]

    def of_rank(rank: int, dtype: str = kind.dtype) -> Any:
        return tf.TensorSpec((None,) * rank, dtype)

    signature = [
        of_rank(3),
        [of_rank(2)] * kind.num_directions,
        [of_rank(len(variable.shape)) for variable in variables],
    ]
    if masked_output:
        signature.append(of_rank(2, "bool"))
    # The loop is a tf.while_loop already, so there is nothing for AutoGraph to convert.
    function = tf.function(forward, input_signature=signature, autograph=False)
    return function.get_concrete_function()  # type: ignore[no-any-return]  # twice as fast to call
