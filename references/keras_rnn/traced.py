"""The mirror as a graph, traced once for each kind of layer: the way to many cases a second.

An unmodified layer of one input and one unit is called in a `keras.StatelessScope`, which puts
arguments of the graph in the place of its weights, of whatever shape. A GRUCell slices by its
`units`, which are those of the arguments while the graph is traced. Keras promises neither; tests
watch over both.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from typing import Any

import keras
import numpy as np

from references.case import Case, Config, Outputs
from references.cells import CELLS
from references.cells.walk import Layer, States, stack
from references.keras_rnn.calls import as_arrays, refuse_case
from references.keras_rnn.cells import arrays_of, as_list, two_biases
from references.keras_rnn.framework import need_tensorflow
from references.keras_rnn.layers import build
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
        [tf.constant(state) for state in as_list(layer.initial)],
        [tf.constant(array) for array in arrays_of(layer.weights, config)],
        None if layer.mask is None else tf.constant(layer.mask),
    ]
    return as_arrays(function(*arguments), config)


@cache  # there are no more than 384 kinds
def _function(kind: Config, masked_output: str) -> Callable[..., list[Any]]:
    """(inputs (B, T, I), states (B, H), weights, mask (B, T) or none) -> sequence, then states."""
    import tensorflow as tf

    shape = Shape(kind, None, None, bool(masked_output), masked_output, 0.0)
    gru = kind.cell == "gru"
    (rnn,) = build(shape, Options(use_cudnn=False) if gru else Options())
    variables = rnn.weights
    count = kind.num_directions * len(CELLS[kind.cell].STATES)

    def forward(inputs: Any, states: list[Any], weights: list[Any], mask: Any = None) -> list[Any]:
        initial = states if count > 1 else states[0]
        units = _units(rnn, tf.shape(states[0])[1]) if gru else nullcontext()
        with keras.StatelessScope() as scope, units:
            for variable, weight in zip(variables, weights, strict=True):
                scope.add_update((variable, weight))
            return rnn(inputs, initial_state=initial, mask=mask)  # type: ignore[no-any-return]

    def spec(rank: int, dtype: str = kind.dtype) -> Any:
        return tf.TensorSpec((None,) * rank, dtype)

    weights = [spec(len(variable.shape)) for variable in variables]
    if kind.bias and two_biases(kind):
        weights[2::3] = [tf.TensorSpec((2, None), kind.dtype)] * kind.num_directions
    signature = [spec(3), [spec(2)] * count, weights]
    if masked_output:
        signature.append(spec(2, "bool"))
    # The loop is a tf.while_loop already, so there is nothing for AutoGraph to convert.
    function = tf.function(forward, input_signature=signature, autograph=False)
    return function.get_concrete_function()  # type: ignore[no-any-return]  # twice as fast to call


@contextmanager
def _units(rnn: Any, units: Any) -> Iterator[None]:
    """Lets the cells of a layer have this number of units, which may be a tensor."""
    halves = ("forward_layer", "backward_layer")
    cells = [layer.cell for layer in (getattr(rnn, name, rnn) for name in halves)]
    before = [cell.units for cell in cells]
    try:
        for cell in cells:
            cell.units = units
        yield
    finally:
        for cell, own in zip(cells, before, strict=True):
            cell.units = own
