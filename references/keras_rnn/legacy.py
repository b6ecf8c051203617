"""What the JSON in an .h5 file of a whole model says of a layer, beside its arrays."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from references.keras_rnn.saved import LARGEST_JSON, flag
from references.layer import Unreadable
from references.unsupported import Unsupported

GATED = {"activation": "tanh", "recurrent_activation": "sigmoid"}


def said(file: Any, name: str, cell: str) -> dict[str, Any]:
    """Fields of a Config that the file says of this layer; none where it has weights alone.

    Raises Unsupported for what no Config says.
    """
    text = file.attrs.get("model_config")
    if text is None:
        return {}
    if len(text) > LARGEST_JSON:
        raise Unreadable(f"the file has a model_config of {len(text)} letters")
    specs = {spec["config"]["name"]: spec for spec in json.loads(text)["config"]["layers"]}
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
