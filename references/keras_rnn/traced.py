"""The same mirror as a graph, traced once for each kind of layer and called with every shape: the way to many cases a second.

An unmodified SimpleRNN of one input and one unit is called in a `keras.StatelessScope` that puts arguments of the graph in the place of its
weights. Keras does not say that weights may have another shape there; a test watches over it.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from references.case import Case, Config, Outputs
from references.keras_rnn.plain import arrays_of, directions, reverses, through_layers


def graph(case: Case) -> Outputs:
    """Copies the case into a `tf.function` that was traced once for all shapes; weights are arguments of it, transposed and folded."""
    return through_layers(case, _traced)


def _traced(
    case: Case, layer: int, sequence: Any, states: list[np.ndarray], mask: np.ndarray | None
) -> list[Any]:
    kind = replace(case.config.kind, go_backwards=False)
    masked_output = "" if mask is None else case.masked_output
    function = _function(kind, masked_output, reverses(case, layer))
    given = [
        [tf.constant(array) for array in arrays] for arrays in (states, arrays_of(case, layer))
    ]
    return function(tf.constant(sequence), *given, None if mask is None else tf.constant(mask))


@cache  # there are no more than 240 kinds
def _function(kind: Config, masked_output: str, backwards: bool) -> Callable[..., list[Any]]:
    """(sequence (B, T, I), states (B, H), weights, mask (B, T) or None) -> sequence (B, T, H * D), then states."""
    rnn = directions(kind, masked_output, backwards)
    rnn.build((None, None, 1))
    variables = rnn.weights

    def forward(
        sequence: Any, states: list[Any], weights: list[Any], mask: Any = None
    ) -> list[Any]:
        with keras.StatelessScope() as scope:
            for variable, weight in zip(variables, weights, strict=True):
                scope.add_update((variable, weight))
            return rnn(
                sequence, initial_state=states if kind.bidirectional else states[0], mask=mask
            )  # type: ignore[no-any-return]

    def of_rank(rank: int, dtype: str = kind.dtype) -> tf.TensorSpec:
        return tf.TensorSpec((None,) * rank, dtype)

    signature = [
        of_rank(3),
        [of_rank(2)] * kind.num_directions,
        [of_rank(len(variable.shape)) for variable in variables],
    ]
    if masked_output:
        signature.append(of_rank(2, "bool"))
    # The loop is a tf.while_loop already: nothing for AutoGraph to convert. A concrete function is called in half the time.
    return tf.function(forward, input_signature=signature, autograph=False).get_concrete_function()  # type: ignore[no-any-return]
