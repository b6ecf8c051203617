"""A stack of layers behind one function from arrays to arrays, called in one of Keras' ways."""

import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from references.case import Case, CellWeights, Config
from references.cells import CELLS
from references.keras_rnn.cells import StateList, arrays_of
from references.keras_rnn.layers import build
from references.keras_rnn.options import Options, Shape, shape_of

Forward = Callable[[Any, Any, Any], list[list[Any]]]


class Network(NamedTuple):
    """`forward(inputs, states, mask)` gives for each layer its sequence or last output, states."""

    layers: Sequence[keras.layers.Layer]
    forward: Forward

    def __call__(
        self, inputs: np.ndarray, states: StateList | None, mask: np.ndarray | None
    ) -> list[list[np.ndarray]]:
        """inputs (B, T, I), states as Keras lists them, mask (B, T); arrays in, arrays out."""
        results = self.forward(inputs, states, mask)
        return [list(map(keras.ops.convert_to_numpy, outputs)) for outputs in results]

    def set_weights(self, cells: Sequence[CellWeights], config: Config) -> None:
        """Sets every weight of every layer, as the mirror does."""
        share = len(cells) // len(self.layers)
        for index, layer in enumerate(self.layers):
            layer.set_weights(arrays_of(cells[index * share : (index + 1) * share], config))


def network(case: Case, options: Options) -> Network:
    """The network with the case's weights.

    Made once for each shape, as users keep a layer; anew where weights go in another way.
    """
    shape = shape_of(case, options)
    constructed = options.weights in ("initializer", "argument")
    if constructed or options.saved or (options.stateful and options.in_model):
        net = _make(shape, options, case.weights)
    else:
        net = _cached(shape, options)
    if not constructed:
        net.set_weights(case.weights, case.config)
    return net


def _make(shape: Shape, options: Options, cells: Sequence[CellWeights]) -> Network:
    layers = build(shape, options, cells)
    forward = _stack(layers, shape, options)
    if options.in_model:
        model = _model(shape, options, forward)
        if options.saved:
            if options.weights != "argument":
                Network(layers, forward).set_weights(cells, shape.config)
            model = _reload(model)
            layers = [model.get_layer(layer.name) for layer in layers]
        forward = _of_model(model, len(layers), options.call == "predict")
    if options.call in ("function", "jit"):
        import tensorflow as tf

        jit = options.call == "jit"
        forward = tf.function(forward, jit_compile=jit, reduce_retracing=not jit)
    return Network(layers, forward)


@lru_cache(maxsize=64)
def _cached(shape: Shape, options: Options) -> Network:
    return _make(shape, options, ())


def _stack(layers: Sequence[keras.layers.Layer], shape: Shape, options: Options) -> Forward:
    config, each = shape.config, len(CELLS[shape.config.cell].STATES)
    of_layer = each * config.num_directions
    masking = None
    if options.mask == "masking":
        masking = keras.layers.Masking(shape.mask_value, dtype=config.dtype)

    def initial_state(states: Any, index: int) -> Any:
        several = options.layer == "stacked" and config.num_layers > 1
        if options.layer == "list of one" or several:
            return [list(states[i : i + each]) for i in range(0, len(states), each)]
        own = states[index * of_layer : (index + 1) * of_layer]
        return [keras.ops.convert_to_tensor(state) for state in own]

    def forward(inputs: Any, states: Any, mask: Any) -> list[list[Any]]:
        sequence = masking(inputs) if masking else inputs
        results = []
        for index, layer in enumerate(layers):
            arguments = {} if mask is None else {"mask": keras.ops.convert_to_tensor(mask)}
            if states is not None:
                arguments["initial_state"] = initial_state(states, index)
            outputs = keras.tree.flatten(layer(sequence, **arguments))
            if config.bidirectional and options.merge is None:
                concatenate = keras.layers.Concatenate(dtype=config.dtype)
                outputs[:2] = [concatenate(outputs[:2])]
            results.append(outputs)
            sequence = outputs[0]
            if index == 0 and config.go_backwards and mask is not None:
                mask = keras.ops.flip(mask, axis=1)  # outputs are in processing order from here on
        return results

    return forward


def _model(shape: Shape, options: Options, forward: Forward) -> keras.Model:
    """A functional Model of inputs, mask and states, each an Input of its own."""
    config, batch, time = shape.config, shape.batch, shape.time

    def tensor(name: str, *sizes: int | None, dtype: str = config.dtype) -> Any:
        return keras.Input(batch_shape=(batch, *sizes), dtype=dtype, name=name)

    inputs = {"inputs": tensor("inputs", time, config.input_size)}
    if shape.masked and options.mask == "argument":
        inputs["mask"] = tensor("mask", time, dtype=options.mask_dtype)
    states = []
    if options.state == "given":
        count = config.num_layers * config.num_directions * len(CELLS[config.cell].STATES)
        for index in range(count):
            states.append(tensor(f"state_{index}", config.hidden_size))
            inputs[f"state_{index}"] = states[-1]
    outputs = forward(inputs["inputs"], states or None, inputs.get("mask"))
    return keras.Model(inputs, keras.tree.flatten(outputs))


def _of_model(model: keras.Model, count: int, predict: bool) -> Forward:
    def forward(inputs: Any, states: Any, mask: Any) -> list[list[Any]]:
        values = {"inputs": inputs} | ({} if mask is None else {"mask": mask})
        values |= {f"state_{index}": state for index, state in enumerate(states or ())}
        flat = keras.tree.flatten(model.predict(values, verbose=0) if predict else model(values))
        share = len(flat) // count
        return [flat[index : index + share] for index in range(0, len(flat), share)]

    return forward


def _reload(model: keras.Model) -> keras.Model:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return keras.models.load_model(path)
