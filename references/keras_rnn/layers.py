"""Keras layers for cases of one shape, one for each layer, written as the options say. Weights are set elsewhere."""

from collections.abc import Sequence
from typing import Any

import keras

from references.case import CellWeights
from references.keras_rnn.options import Options, Shape
from references.keras_rnn.plain import arrays


def build(shape: Shape, options: Options, cells: Sequence[CellWeights]) -> list[keras.layers.Layer]:
    """The stack, lowest first; "stacked" is one layer for all. `cells` are read only where weights go into constructors."""
    config = shape.config
    count = 1 if options.layer == "stacked" else config.num_layers
    layers = []
    for index in range(count):
        layer = _directions(shape, options, cells, index)
        layer.build((shape.batch, shape.time, config.layer_input_size(index)))
        layers.append(layer)
    return layers


def _directions(
    shape: Shape, options: Options, cells: Sequence[CellWeights], index: int
) -> keras.layers.Layer:
    config, D = shape.config, shape.config.num_directions
    backwards = (
        config.go_backwards and index == 0
    )  # the input is reversed once, by the lowest layer
    if not config.bidirectional:
        return _layer(shape, options, cells, index, backwards, f"rnn_{index}")
    explicit = options.backward == "given" or (options.backward == "where needed" and backwards)
    extra: dict[str, Any] = {"dtype": config.dtype} if options.dtype == "everywhere" else {}
    if options.weights == "argument":
        extra["weights"] = [
            array
            for cell in cells[index * D : (index + 1) * D]
            for array in arrays(cell, config.bias)
        ]
    return keras.layers.Bidirectional(
        _layer(shape, options, cells, index, backwards, "forward"),
        merge_mode=options.merge,
        backward_layer=_layer(shape, options, cells, index, not backwards, "backward")
        if explicit
        else None,
        name=f"rnn_{index}",
        **extra,
    )


def _layer(
    shape: Shape,
    options: Options,
    cells: Sequence[CellWeights],
    index: int,
    backwards: bool,
    name: str,
) -> keras.layers.Layer:
    """SimpleRNN, or RNN around a cell or cells; a cell's arguments and a layer's are SimpleRNN's own."""
    config = shape.config
    top = index == config.num_layers - 1 or options.layer == "stacked"
    of_layer = {
        "return_sequences": not (top and options.last),
        "return_state": "state" in options.returns,
        "go_backwards": backwards,
        "stateful": options.stateful,
        "unroll": options.unroll,
        "zero_output_for_mask": shape.masked_output == "zero" or options.returns.endswith("zeros"),
        "name": name,
    }
    if options.layer == "SimpleRNN":
        return keras.layers.SimpleRNN(**_of_cell(shape, options, cells, index), **of_layer)
    if options.dtype == "everywhere" or config.bidirectional or options.layer != "RNN":
        of_layer["dtype"] = config.dtype
    if options.layer == "RNN" or (options.layer == "stacked" and config.num_layers == 1):
        return keras.layers.RNN(
            keras.layers.SimpleRNNCell(**_of_cell(shape, options, cells, index)), **of_layer
        )
    stack = [
        keras.layers.SimpleRNNCell(**_of_cell(shape, options, cells, layer))
        for layer in range(config.num_layers)
    ]
    if (
        options.dtype == "inside"
    ):  # the cells and the RNN have it; the list between them has no argument for it
        return keras.layers.RNN(stack, **of_layer)
    return keras.layers.RNN(keras.layers.StackedRNNCells(stack, dtype=config.dtype), **of_layer)


def _of_cell(
    shape: Shape, options: Options, cells: Sequence[CellWeights], index: int
) -> dict[str, object]:
    config = shape.config
    of_cell = {
        "units": config.hidden_size,
        "activation": config.nonlinearity,
        "use_bias": config.bias,
        "dtype": config.dtype,
    }
    if options.dropout:
        of_cell |= {"dropout": 0.5, "recurrent_dropout": 0.5, "seed": 1}
    names = ("kernel_initializer", "recurrent_initializer", "bias_initializer")
    if options.weights == "initializer":
        values = arrays(cells[index], config.bias)
        of_cell |= {
            name: keras.initializers.Constant(value)
            for name, value in zip(names, values, strict=False)
        }
    return of_cell
