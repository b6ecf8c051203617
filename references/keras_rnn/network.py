"""A stack of layers behind one function from arrays to arrays: called eagerly, in a Model, in tf.function, compiled, by predict."""

import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from references.case import Case, CellWeights
from references.keras_rnn.layers import build
from references.keras_rnn.options import Options, Shape, shape_of
from references.keras_rnn.plain import arrays

Forward = Callable[[Any, Any, Any], list[list[Any]]]


class Network(NamedTuple):
    """`forward(inputs, states, mask)` gives a list for each layer: its sequence (or last output), then its states."""

    layers: Sequence[keras.layers.Layer]
    forward: Forward

    def __call__(
        self, inputs: np.ndarray, states: np.ndarray | None, mask: np.ndarray | None
    ) -> list[list[np.ndarray]]:
        """inputs (B, T, I), states (L*D, B, H), mask (B, T); arrays in, arrays out."""
        given = None if states is None else list(states)
        return [
            [np.asarray(array) for array in outputs]
            for outputs in self.forward(inputs, given, mask)
        ]

    def set_weights(self, cells: Sequence[CellWeights], bias: bool) -> None:
        """Transposes and folds as the plain mirror does; every weight of every layer is set."""
        share = len(cells) // len(self.layers)
        for index, layer in enumerate(self.layers):
            layer.set_weights(
                [
                    array
                    for cell in cells[index * share : (index + 1) * share]
                    for array in arrays(cell, bias)
                ]
            )


def network(case: Case, options: Options) -> Network:
    """The network with the case's weights. Made once for each shape, as users keep a layer; anew where weights go in another way."""
    shape = shape_of(case, options)
    if (
        options.weights in ("initializer", "argument")
        or options.saved
        or (options.stateful and options.in_model)
    ):
        fresh = _make(shape, options, case.weights)
        if options.weights in ("before", "after"):
            fresh.set_weights(case.weights, case.config.bias)
        return fresh
    kept = _kept(shape, options)
    kept.set_weights(case.weights, case.config.bias)
    return kept


def _make(shape: Shape, options: Options, cells: Sequence[CellWeights]) -> Network:
    layers = build(shape, options, cells)
    forward = _stack(layers, shape, options)
    if options.in_model:
        model = _model(shape, options, forward)
        if options.saved:
            if options.weights != "argument":
                Network(layers, forward).set_weights(cells, shape.config.bias)
            model = _loaded(model)
            layers = [model.get_layer(layer.name) for layer in layers]
        forward = _of_model(model, len(layers), options.call == "predict")
    if options.call in ("function", "jit"):
        forward = tf.function(
            forward, jit_compile=options.call == "jit", reduce_retracing=options.call != "jit"
        )
    return Network(layers, forward)


@lru_cache(maxsize=64)
def _kept(shape: Shape, options: Options) -> Network:
    return _make(shape, options, ())


def _stack(layers: Sequence[keras.layers.Layer], shape: Shape, options: Options) -> Forward:
    D = shape.config.num_directions
    masking = (
        keras.layers.Masking(shape.mask_value, dtype=shape.config.dtype)
        if options.mask == "masking"
        else None
    )

    def forward(inputs: Any, states: Any, mask: Any) -> list[list[Any]]:
        sequence = masking(inputs) if masking else inputs
        results = []
        for index, layer in enumerate(layers):
            arguments = {} if mask is None else {"mask": keras.ops.convert_to_tensor(mask)}
            if states is not None and (
                options.layer == "list of one" or (options.layer == "stacked" and len(states) > 1)
            ):
                arguments["initial_state"] = [[state] for state in states]
            elif states is not None:
                arguments["initial_state"] = [
                    keras.ops.convert_to_tensor(state)
                    for state in states[index * D : (index + 1) * D]
                ]
            outputs = keras.tree.flatten(layer(sequence, **arguments))
            if shape.config.bidirectional and options.merge is None:
                outputs[:2] = [keras.layers.Concatenate(dtype=shape.config.dtype)(outputs[:2])]
            results.append(outputs)
            sequence = outputs[0]
            if index == 0 and shape.config.go_backwards and mask is not None:
                mask = keras.ops.flip(mask, axis=1)  # outputs are in processing order from here on
        return results

    return forward


def _model(shape: Shape, options: Options, forward: Forward) -> keras.Model:
    """A functional Model of inputs, mask and states, each an Input of its own."""
    config, batch, time = shape.config, shape.batch, shape.time
    inputs = {
        "inputs": keras.Input(
            batch_shape=(batch, time, config.input_size), dtype=config.dtype, name="inputs"
        )
    }
    if shape.masked and options.mask == "argument":
        inputs["mask"] = keras.Input(
            batch_shape=(batch, time), dtype=options.mask_dtype, name="mask"
        )
    states = []
    if options.state == "given":
        names = [f"state_{index}" for index in range(config.num_layers * config.num_directions)]
        states = [
            keras.Input(batch_shape=(batch, config.hidden_size), dtype=config.dtype, name=name)
            for name in names
        ]
        inputs |= dict(zip(names, states, strict=True))
    return keras.Model(
        inputs, keras.tree.flatten(forward(inputs["inputs"], states or None, inputs.get("mask")))
    )


def _of_model(model: keras.Model, count: int, predict: bool) -> Forward:
    def forward(inputs: Any, states: Any, mask: Any) -> list[list[Any]]:
        given = {"inputs": inputs} | ({} if mask is None else {"mask": mask})
        given |= {f"state_{index}": state for index, state in enumerate(states or ())}
        flat = keras.tree.flatten(model.predict(given, verbose=0) if predict else model(given))
        share = len(flat) // count
        return [flat[index : index + share] for index in range(0, len(flat), share)]

    return forward


def _loaded(model: keras.Model) -> keras.Model:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return keras.models.load_model(path)
