"""What the JSON in an .h5 file of a whole model says of a layer, beside its arrays."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from references.archives import check_size
from references.keras_rnn import h5
from references.keras_rnn.saved import LARGEST_JSON, flag, stack_of
from references.layer import Unreadable
from references.unsupported import Unsupported

GATED = {"activation": "tanh", "recurrent_activation": "sigmoid"}


def chain(path: Path) -> tuple[str, ...]:
    """The names of all layers, lowest first, of a model that is nothing but a stack of them.

    None for a functional model of Keras 2, whose nodes are lists.
    """
    check_size(path)
    with h5.opened(path, path) as file:
        model = _model(file)
        return stack_of(model) if model else ()


def _model(file: Any) -> dict[str, Any]:
    """The JSON of a whole model; empty in a file of weights alone. Raises Unreadable."""
    text = file.attrs.get("model_config", "{}")
    if len(text) > LARGEST_JSON:
        raise Unreadable(f"the file has a model_config of {len(text)} letters")
    model: dict[str, Any] = json.loads(text)
    return model


def said(file: Any, name: str, cell: str) -> dict[str, Any]:
    """Fields of a Config that the file says of this layer; none where it has weights alone.

    Raises Unsupported for what no Config says.
    """
    if not (model := _model(file)):
        return {}
    specs = {spec["config"]["name"]: spec for spec in model["config"]["layers"]}
    if name not in specs:
        raise Unreadable(f"the file has arrays of {name}, but no such layer in its model_config")
    config = specs[name]["config"]
    if "merge_mode" in config:
        _compare(name, "merge_mode", config["merge_mode"], "concat")
        config = config["layer"]["config"]
    says: dict[str, Any] = {"go_backwards": flag(config, "go_backwards")}
    activations = set()
    for own in _cells(config):
        if cell == "rnn":
            activations.add(str(own["activation"]))
        else:
            for field, expected in GATED.items():
                _compare(name, field, own[field], expected)
    if len(activations) > 1:
        raise Unsupported(f"{name} has activations {', '.join(sorted(activations))}, not one")
    return says | ({"nonlinearity": activations.pop()} if activations else {})


def _cells(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The configs of a layer's cells: its own, or those of an RNN."""
    cell = config["cell"]["config"] if "cell" in config else config
    yield from (one["config"] for one in cell["cells"]) if "cells" in cell else (cell,)


def _compare(name: str, field: str, actual: object, expected: str) -> None:
    if actual != expected:
        raise Unsupported(f"{name} has {field} {actual!r}, where a Config has {expected!r}")
