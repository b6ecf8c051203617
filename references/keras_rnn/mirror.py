"""The mirror of SimpleRNN, GRU and LSTM: transposes W and U, reorders gates, folds both biases.

A GRU with reset_after=True keeps both: there nothing is folded.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import keras
import numpy as np

from references.arrays import DTYPES
from references.case import NONLINEARITIES, Case, CellWeights, Config
from references.keras_rnn.cells import KINDS, arrays_of, names_of, weights_of
from references.keras_rnn.layers import build
from references.keras_rnn.options import Options, shape_of
from references.layer import title_of
from references.unsupported import Unsupported

Level = list[tuple[Any, bool]]  # of each direction the cell, and whether it reads backwards


def write(case: Case, options: Options | None = None) -> list[keras.layers.Layer]:
    """Puts the case's weights into layers of its cell, or Bidirectional ones, lowest first."""
    D, options = case.config.num_directions, options or Options()
    layers = build(shape_of(case, options), options)
    for index, layer in enumerate(layers):
        cells = case.weights[index * D : (index + 1) * D]
        layer.set_weights(arrays_of(cells, case.config))
    return layers


def read(
    layers: keras.layers.Layer | Sequence[keras.layers.Layer],
) -> tuple[Config, tuple[CellWeights, ...]]:
    """Reads what `write` put in from one layer, or from a stack of layers, lowest first.

    A layer is SimpleRNN, GRU or LSTM, RNN of their cells, or Bidirectional of one. W and U come
    back bit for bit, and both biases of a GRU with reset_after. Elsewhere Keras has one bias: b_W
    is the sum that was written, b_U is zeros. Dropout acts in training alone, and is not read.

    Raises Unsupported for what no Config says, ValueError for a layer that is not built.
    """
    stack = list(layers) if isinstance(layers, list | tuple) else [layers]
    levels = [level for layer in stack for level in _levels(layer)]
    if not levels:
        raise ValueError("there are no layers to read")
    first, backwards = levels[0][0]
    config = replace(
        _config(first),
        num_layers=len(levels),
        bidirectional=len(levels[0]) > 1,
        go_backwards=backwards,
    )
    for index, level in enumerate(levels):
        one = replace(_config(first), input_size=config.layer_input_size(index))
        _compare(f"layer {index}", "directions", len(level), config.num_directions)
        for direction, (cell, reverse) in enumerate(level):
            expected = (backwards and index == 0) != (direction == 1)
            _compare(f"layer {index}", "go_backwards", reverse, expected)
            for name, value in asdict(_config(cell)).items():
                _compare(f"layer {index}", name, value, getattr(one, name))
    return config, tuple(
        weights_of([each.numpy() for each in _variables(cell)], config)
        for level in levels
        for cell, _ in level
    )


def arrays(layers: Sequence[keras.layers.Layer]) -> dict[str, np.ndarray]:
    """The arrays of the lowest layer, in one direction, by Keras' names."""
    (lowest, *_) = layers
    names = [weight.name for weight in lowest.weights]
    return dict(zip(names, lowest.get_weights(), strict=True))


def names(layer: keras.layers.Layer) -> list[dict[str, str]]:
    """The paths of a layer's variables by our names, for each of `Case.weights`."""
    return [
        names_of({variable.path: variable.shape for variable in _variables(cell)})
        for cell in cells(layer)
    ]


def cells(layer: keras.layers.Layer) -> list[Any]:
    """The cells of a layer, one for each of `Case.weights`."""
    return [cell for level in _levels(layer) for cell, _ in level]


def _compare(where: str, name: str, actual: object, expected: object) -> None:
    if actual != expected:
        raise Unsupported(f"{where} has {name} {actual}, where a Config has {expected}")


def _levels(layer: keras.layers.Layer) -> list[Level]:
    """The layer's levels, lowest first: several where it is an RNN of several cells."""
    name = title_of(layer, "keras", "keras.layers")
    if type(layer) is keras.layers.Bidirectional:
        _compare(name, "merge_mode", layer.merge_mode, "concat")
        halves = [_levels(half) for half in (layer.forward_layer, layer.backward_layer)]
        _compare(name, "levels", [len(half) for half in halves], [1, 1])
        levels = [[*halves[0][0], *halves[1][0]]]
    elif type(layer) in (keras.layers.RNN, *(kind.layer for kind in KINDS.values())):
        stacked = type(layer.cell) is keras.layers.StackedRNNCells
        cells = layer.cell.cells if stacked else [layer.cell]
        levels = [[(cell, layer.go_backwards and cell is cells[0])] for cell in cells]
    else:
        raise Unsupported(f"{name} is none of SimpleRNN, GRU, LSTM, RNN and Bidirectional")
    for cell, _ in (direction for level in levels for direction in level):
        _compare(name, "dtype", layer.compute_dtype, getattr(cell, "compute_dtype", None))
    return levels


def _config(cell: Any) -> Config:
    """The cell alone, as a Config of one layer in one direction."""
    name = title_of(cell, "keras", "keras.layers")
    of_type = [own for own, kind in KINDS.items() if type(cell) is kind.cell]
    if not of_type:
        raise Unsupported(f"{name} is none of SimpleRNNCell, GRUCell and LSTMCell")
    if not cell.built:
        raise ValueError(f"{name} is not built, so it has no weights: call the layer once")
    if cell.compute_dtype not in DTYPES or cell.variable_dtype != cell.compute_dtype:
        raise Unsupported(f"{name} has dtype {cell.dtype_policy.name}, not {' or '.join(DTYPES)}")
    activation = _activation(name, "activation", cell.activation)
    if of_type[0] != "rnn":
        recurrent = _activation(name, "recurrent_activation", cell.recurrent_activation)
        _compare(name, "activation", activation, "tanh")
        _compare(name, "recurrent_activation", recurrent, "sigmoid")
    return Config(
        cell.kernel.shape[0],
        cell.units,
        nonlinearity=activation,
        bias=cell.use_bias,
        dtype=cell.compute_dtype,
        cell=of_type[0],
        **{field: getattr(cell, field) for field in KINDS[of_type[0]].fields},
    )


def _activation(cell: str, argument: str, function: Any) -> str:
    names = (name for name in NONLINEARITIES if keras.activations.get(name) is function)
    if (name := next(names, None)) is None:
        own = getattr(function, "__name__", type(function).__name__)
        raise Unsupported(f"{cell} has {argument} {own!r}, which no Config has")
    return name


def _variables(cell: Any) -> list[Any]:
    """The cell's own: kernel, recurrent_kernel and, where it has one, bias."""
    return [cell.kernel, cell.recurrent_kernel, *([cell.bias] if cell.use_bias else [])]
