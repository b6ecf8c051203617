"""Keras layers for cases of one shape, written as the options say."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras

from references.case import CellWeights
from references.keras_rnn.cells import KINDS, arrays_of
from references.keras_rnn.options import Options, Shape


def build(
    shape: Shape, options: Options, cells: Sequence[CellWeights] = ()
) -> list[keras.layers.Layer]:
    """The stack, lowest first; "stacked" is one layer for all. Weights are set elsewhere.

    `cells` are read only where weights go into constructors.
    """
    config = shape.config
    layers = []
    for index in range(1 if options.layer == "stacked" else config.num_layers):
        layer = _Builder(shape, options, cells, index).directions()
        layer.build((shape.batch, shape.time, config.layer_input_size(index)))
        layers.append(layer)
    return layers


class _Builder(NamedTuple):
    shape: Shape
    options: Options
    cells: Sequence[CellWeights]
    number: int  # of the layer

    def directions(self) -> keras.layers.Layer:
        config, options = self.shape.config, self.options
        backwards = config.go_backwards and self.number == 0  # the lowest layer reverses for all
        if not config.bidirectional:
            return self.layer(backwards, f"rnn_{self.number}")
        explicit = options.backward == "given" or (options.backward == "where needed" and backwards)
        extra: dict[str, Any] = {"dtype": config.dtype} if options.dtype == "everywhere" else {}
        if options.weights == "argument":
            of_layer = self.cells[self.number * 2 : self.number * 2 + 2]
            extra["weights"] = arrays_of(of_layer, config)
        return keras.layers.Bidirectional(
            self.layer(backwards, "forward"),
            merge_mode=options.merge,
            backward_layer=self.layer(not backwards, "backward") if explicit else None,
            name=f"rnn_{self.number}",
            **extra,
        )

    def layer(self, backwards: bool, name: str) -> keras.layers.Layer:
        """The cell's own layer, or RNN around a cell or cells."""
        config, options = self.shape.config, self.options
        top = self.number == config.num_layers - 1 or options.layer == "stacked"
        zeros = self.shape.masked_output == "zero" or options.returns.endswith("zeros")
        of_layer = {
            "return_sequences": not (top and options.last),
            "return_state": "state" in options.returns,
            "go_backwards": backwards,
            "stateful": options.stateful,
            "unroll": options.unroll,
            "zero_output_for_mask": zeros,
            "name": name,
        }
        if options.layer == "own":
            if options.use_cudnn != "auto":
                of_layer["use_cudnn"] = options.use_cudnn
            return KINDS[config.cell].layer(**self.arguments(self.number), **of_layer)
        if options.dtype == "everywhere" or config.bidirectional or options.layer != "RNN":
            of_layer["dtype"] = config.dtype
        return keras.layers.RNN(self.cell(), **of_layer)

    def cell(self) -> Any:
        """A cell, or all cells of the stack, as a list or as StackedRNNCells."""
        config, options = self.shape.config, self.options
        if options.layer == "RNN" or (options.layer == "stacked" and config.num_layers == 1):
            return KINDS[config.cell].cell(**self.arguments(self.number))
        kind = KINDS[config.cell].cell
        cells = [kind(**self.arguments(layer)) for layer in range(config.num_layers)]
        if options.dtype == "inside":  # the list between the cells and the RNN has no dtype
            return cells
        return keras.layers.StackedRNNCells(cells, dtype=config.dtype)

    def arguments(self, layer: int) -> dict[str, Any]:
        """What a cell and its own layer both take."""
        config, options = self.shape.config, self.options
        values = {name: getattr(config, name) for name in KINDS[config.cell].fields}
        values |= {
            "units": config.hidden_size,
            "activation": config.nonlinearity,
            "use_bias": config.bias,
            "dtype": config.dtype,
            "recurrent_initializer": "zeros",  # an orthogonal one takes seconds, and is not used
        }
        if options.implementation != 2:
            values["implementation"] = options.implementation
        if options.dropout:
            values |= {"dropout": 0.5, "recurrent_dropout": 0.5, "seed": 1}
        if options.weights == "initializer":
            names = ("kernel_initializer", "recurrent_initializer", "bias_initializer")
            arrays = arrays_of([self.cells[layer]], config)
            values |= dict(zip(names, map(keras.initializers.Constant, arrays), strict=False))
            if config.cell == "lstm":
                values["unit_forget_bias"] = False
        return values
