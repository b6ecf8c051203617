"""Layers of Keras models, and of .keras and .weights.h5 files, whose code is never run."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from references.arrays import sum_error
from references.case import Case, CellWeights, Config, Outputs
from references.keras_rnn import legacy, mirror, saved, weights_file
from references.keras_rnn.call_layer import call_layer
from references.keras_rnn.cells import KINDS, two_biases
from references.keras_rnn.options import Options
from references.layer import Layer, Unreadable
from references.unsupported import Unsupported

CELLS = tuple(kind.cell for kind in KINDS.values())
RECURRENT = (keras.layers.Bidirectional, keras.layers.RNN)
NEUTRAL = tuple(getattr(keras.layers, name) for name in saved.NEUTRAL)
Thunk = Callable[[], keras.layers.Layer]


def layers(source: Any, options: Mapping[str, Any]) -> dict[str, Callable[[], Layer]]:
    """The recurrent layers of a model, a layer or a file by their names, dotted where nested."""
    if _is_weights(source):
        return weights_file.layers(source, options)
    return {name: partial(_layer, name, thunk) for name, thunk in _thunks(source).items()}


def call(source: Any, layer: Layer) -> Callable[[Case], Outputs] | None:
    """Calls the very layer of this name; None where a file holds weights alone."""
    if _is_weights(source):
        return None
    return partial(call_layer, _thunks(source)[layer.name]())


def chain(source: Any) -> tuple[str, ...]:
    """The names of all layers, lowest first, of a model that is nothing but a stack of them."""
    if isinstance(source, Path):
        return legacy.chain(source) if _is_weights(source) else saved.chain(source)
    flow = source.layers if isinstance(source, keras.Model) else []
    if not all(isinstance(layer, (*RECURRENT, *NEUTRAL)) for layer in flow):
        return ()
    return saved.stack_of(keras.saving.serialize_keras_object(source))


def write(config: Config, weights: tuple[CellWeights, ...], path: Path, suffix: str) -> list[str]:
    """Writes a Sequential model of the layers as a .keras file."""
    if suffix != ".keras":
        raise Unsupported(
            f"a {suffix} file would hold weights without a config; write a .keras file"
        )
    case = Case(config, weights, np.zeros((1, 1, config.input_size), config.dtype))
    stack_of = mirror.write(case, Options(returns="sequences"))
    for layer in stack_of:
        for cell in mirror.cells(layer):  # Keras' default, for whoever trains on
            cell.recurrent_initializer = keras.initializers.Orthogonal()
    inputs = keras.Input((None, config.input_size), dtype=config.dtype)
    model = keras.Sequential([inputs, *stack_of])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        model.save(file)
        shutil.copyfile(file, path)
    return _folded(config, weights)


def _folded(config: Config, weights: tuple[CellWeights, ...]) -> list[str]:
    """The sentence on biases that were added, as Keras has one of them."""
    if two_biases(config) or not any(cell.b_U.any() for cell in weights):
        return []
    count = sum(cell.b_W.size for cell in weights)
    lost = sum(int(np.count_nonzero(sum_error(cell.b_W, cell.b_U))) for cell in weights)
    return [f"Keras has one bias: b_W and b_U were added, rounded in {lost} of {count} entries."]


def _is_weights(source: Any) -> bool:
    """True for a file in HDF5, which has no config of Keras 3."""
    return isinstance(source, Path) and ".h5" in source.suffixes


def _thunks(source: Any) -> dict[str, Thunk]:
    if isinstance(source, Path):
        return saved.layers(source)
    if isinstance(source, CELLS):
        policy = source.dtype_policy
        return {source.name: lambda: keras.layers.RNN(source, dtype=policy, name=source.name)}
    if not isinstance(source, keras.layers.Layer):
        return {}
    if isinstance(source, RECURRENT):
        return {"": lambda: source}
    return dict(_inside(source, ""))


def _inside(layer: keras.layers.Layer, prefix: str) -> Iterator[tuple[str, Thunk]]:
    for child in layer._flatten_layers(include_self=False, recursive=False):
        name = f"{prefix}{child.name}"
        if isinstance(child, RECURRENT):
            yield name, partial(_itself, child)
        else:
            yield from _inside(child, f"{name}.")


def _itself(layer: keras.layers.Layer) -> keras.layers.Layer:
    return layer


def _layer(name: str, thunk: Thunk) -> Layer:
    layer = thunk()
    try:
        config, weights = mirror.read(layer)
    except ValueError as error:
        raise Unreadable(f"layer {layer.name}: {error}") from error
    return Layer(name, config, weights, "keras", tuple(mirror.names(layer)))
