"""Recurrent layers of a .keras file, made anew from what its JSON says; no code in it is run."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from references.archives import LARGEST, entries, read_entry
from references.case import NONLINEARITIES
from references.keras_rnn import h5
from references.keras_rnn.cells import KINDS, gates_of
from references.layer import Unreadable, check_dtype, readable
from references.unsupported import Unsupported

LARGEST_JSON = 16 << 20
WEIGHTS = "model.weights.h5"
MODELS = {"Sequential": "sequential", "Functional": "functional", "Model": "functional"}
LAYERS = {kind.layer.__name__: cell for cell, kind in KINDS.items()}
CELLS = {kind.cell.__name__: cell for cell, kind in KINDS.items()}
RECURRENT = (*LAYERS, "RNN", "Bidirectional")
# What a stack of recurrent layers may have between them: it changes no number outside training.
NEUTRAL = ("InputLayer", "Masking", "Dropout")
# Keras names a group of weights after its layer's class, and counts those of the same class.
GROUPS = {"SimpleRNN": "simple_rnn", "SimpleRNNCell": "simple_rnn_cell", "GRUCell": "gru_cell"}
GROUPS |= {"LSTMCell": "lstm_cell", **MODELS}
ACTIVATIONS = ("activation", "recurrent_activation")
FLAGS = ("return_sequences", "return_state", "go_backwards", "unroll", "zero_output_for_mask")


class Entry(NamedTuple):
    """A recurrent layer in the file: its name, what the JSON says of it, and its weights' group."""

    name: str
    spec: Mapping[str, Any]
    group: str


def layers(path: Path) -> dict[str, Any]:
    """The layers of the file by name, each to be made when it is called."""
    model = _model(path)
    with readable(path):
        entries_of = list(_entries(model, "", ""))
        if not entries_of and model["class_name"] not in MODELS:
            text = f"{path} holds {model['class_name']}, whose layers its code makes"
            raise Unreadable(f"{text}: save them by save_weights, as .weights.h5, and read that")
    thunks = {entry.name: partial(_layer, path, entry) for entry in entries_of}
    if len(thunks) < len(entries_of):
        raise Unreadable(f"{path} holds several layers of one name: {', '.join(thunks)}")
    return thunks


def chain(path: Path) -> tuple[str, ...]:
    """The names of all layers, lowest first, of a model that is nothing but a stack of them."""
    with readable(path):
        return stack_of(_model(path))


def stack_of(model: Mapping[str, Any]) -> tuple[str, ...]:
    """The same by what a model's JSON says."""
    flow = [spec for spec in _children(model) if not _is_inside(spec)]
    own = [spec for spec in flow if spec["class_name"] not in NEUTRAL]
    is_stack = len(own) > 1 and all(spec["class_name"] in RECURRENT for spec in own)
    if not is_stack or (model["class_name"] != "Sequential" and not _is_line(model, flow)):
        return ()
    return tuple(str(spec["config"]["name"]) for spec in own)


def _is_inside(spec: Mapping[str, Any]) -> bool:
    """True for what Keras itself puts into a model; Keras 2 does not say that."""
    return str(spec.get("module", "")).startswith("keras.src")


def _is_line(model: Mapping[str, Any], flow: Sequence[Mapping[str, Any]]) -> bool:
    """True where each layer of a functional model reads the one before it."""
    for below, spec in pairwise(flow):
        nodes = spec["inbound_nodes"]
        if len(nodes) != 1 or not isinstance(nodes[0], Mapping):  # lists are of Keras 2
            return False
        if nodes[0]["args"][0]["config"]["keras_history"][0] != below["name"]:
            return False
    outputs = model["config"]["output_layers"]
    first = outputs[0] if len(outputs) == 1 else outputs  # before 3.11 a list of one list
    return bool(first[0] == flow[-1]["name"])


def _model(path: Path) -> Mapping[str, Any]:
    infos = entries(path)
    if "config.json" not in infos or WEIGHTS not in infos:
        raise Unreadable(f"{path} is no Keras model: it holds no config.json or no {WEIGHTS}")
    with readable(path):
        model = json.loads(read_entry(path, infos["config.json"], LARGEST_JSON))
    if not isinstance(model, dict):
        raise Unreadable(f"{path} has a config.json that describes no model")
    return model


def _children(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return spec["config"].get("layers", []) if spec["class_name"] in MODELS else []


def _entries(spec: Mapping[str, Any], prefix: str, group: str) -> Iterator[Entry]:
    """The recurrent layers in this model, and in the models in it."""
    counts: dict[str, int] = {}
    for child in _children(spec):
        own = child["config"].get("name", child.get("name"))  # an operation has only the second
        name, kind = f"{prefix}{own}", child["class_name"]
        place = f"{group}layers/{_unique(kind, counts)}"
        if kind in RECURRENT:
            yield Entry(name, child, place)
        else:
            yield from _entries(child, f"{name}.", f"{place}/")


def _unique(kind: str, counts: dict[str, int]) -> str:
    """The group of the next layer of this class: lstm, lstm_1, ..."""
    name = GROUPS.get(kind, kind.lower())
    counts[name] = counts.get(name, -1) + 1
    return f"{name}_{counts[name]}" if counts[name] else name


def _layer(path: Path, entry: Entry) -> keras.layers.Layer:
    """The layer with its weights, as mirror.read takes it."""
    with readable(path):
        specs = list(_cells(entry.spec, entry.group))
    info = entries(path)[WEIGHTS]
    arrays: list[np.ndarray] = []
    with h5.opened(read_entry(path, info, LARGEST), path) as file:
        datasets = h5.groups(file, path)
        for group, config in specs:
            arrays += _arrays(path, datasets.get(f"{group}/vars", {}), group, config)
    with readable(path), ExitStack() as scopes:
        for model in entry.name.split(".")[:-1]:  # variables have its name in their paths
            scopes.enter_context(keras.name_scope(model))
        layer = _make(entry.spec)
        layer.build((None, None, arrays[0].shape[0]))
        layer.set_weights(arrays)
    return layer


def _cells(spec: Mapping[str, Any], group: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The group and the config of each cell, in the order of the layer's weights."""
    kind, config = spec["class_name"], spec["config"]
    if kind == "Bidirectional":
        for half, name in (("layer", "forward_layer"), ("backward_layer", "backward_layer")):
            yield from _cells(config[half], f"{group}/{name}")
    elif kind == "StackedRNNCells":
        counts: dict[str, int] = {}
        for cell in config["cells"]:
            yield f"{group}/cells/{_unique(cell['class_name'], counts)}", cell
    elif kind == "RNN":
        yield from _cells(config["cell"], f"{group}/cell")
    else:
        yield (f"{group}/cell" if kind in LAYERS else group), spec


def _arrays(
    path: Path, datasets: Mapping[str, Any], group: str, spec: Mapping[str, Any]
) -> list[np.ndarray]:
    """kernel, recurrent_kernel and bias, in the shapes that the JSON asks for."""
    kind, config = spec["class_name"], spec["config"]
    cell = LAYERS.get(kind) or CELLS.get(kind)
    if not cell:
        raise Unsupported(f"{path} holds a {kind}, which is none of {', '.join([*LAYERS, *CELLS])}")
    H, rows = config["units"], config["units"] * len(gates_of(cell))
    kernel = datasets["0"].shape if "0" in datasets else ()
    shapes: dict[str, tuple[int, ...]] = {"0": (kernel[0] if kernel else 0, rows), "1": (H, rows)}
    if config["use_bias"]:
        shapes["2"] = (2, rows) if config.get("reset_after") else (rows,)
    actual = {name: dataset.shape for name, dataset in datasets.items()}
    if actual != shapes:
        raise Unreadable(f"{path}: {group} has arrays {actual}, but its layer asks for {shapes}")
    for name, dataset in datasets.items():
        check_dtype(f"{group}/vars/{name}", str(dataset.dtype))
        if (own := _dtype(config["dtype"])) != str(dataset.dtype):
            text = f"{group} has arrays of {dataset.dtype}, but its layer has dtype {own}"
            raise Unreadable(f"{path}: {text}")
    return [h5.array(datasets[name], path) for name in shapes]


def flag(config: Mapping[str, Any], name: str) -> bool:
    """A yes or no in a layer's config."""
    value = config.get(name, False)
    if not isinstance(value, bool):
        raise Unreadable(f"{config.get('name')} has {name} {value!r}, expected true or false")
    return value


def _make(spec: Mapping[str, Any]) -> Any:
    """A layer or cell of Keras' own, from plain values alone."""
    kind, config = spec["class_name"], spec["config"]
    common = {"name": config["name"], "dtype": _dtype(config["dtype"])}
    if kind == "Bidirectional":
        halves = [_make(config[half]) for half in ("layer", "backward_layer")]
        mode = config["merge_mode"]
        return keras.layers.Bidirectional(halves[0], mode, backward_layer=halves[1], **common)
    if kind == "StackedRNNCells":
        return keras.layers.StackedRNNCells([_make(cell) for cell in config["cells"]], **common)
    flags = {name: flag(config, name) for name in FLAGS}
    if kind == "RNN":
        return keras.layers.RNN(_make(config["cell"]), **flags, **common)
    cell = LAYERS.get(kind) or CELLS[kind]
    own: dict[str, Any] = {name: flag(config, name) for name in ("use_bias", *KINDS[cell].fields)}
    own |= {name: _activation(name, config) for name in ACTIVATIONS if name in config}
    if type(config["units"]) is not int:
        raise Unreadable(f"{config['name']} has units {config['units']!r}, expected a whole number")
    own |= {"units": config["units"], "recurrent_initializer": "zeros"}  # weights are set later
    if kind in CELLS:
        return KINDS[cell].cell(**own, **common)
    return KINDS[cell].layer(**own, **flags, **common)


def _activation(name: str, config: Mapping[str, Any]) -> str:
    value = config[name]
    if value not in NONLINEARITIES:
        raise Unsupported(f"{config['name']} has {name} {value!r}, which no Config has")
    return str(value)


def _dtype(policy: Any) -> str:
    """The name of a dtype or of a policy."""
    name = policy["config"]["name"] if isinstance(policy, dict) else policy
    if name not in ("float32", "float64"):
        raise Unsupported(f"the layer has dtype {name!r}, not float32 or float64")
    return str(name)
