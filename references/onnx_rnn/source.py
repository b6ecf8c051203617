"""Layers of .onnx files and of models in memory: read, called as the very nodes, and written."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from references.archives import check_size
from references.case import Case, CellWeights, Config, Outputs
from references.layer import Layer, Unreadable, layer_of, readable
from references.onnx_rnn import mirror
from references.onnx_rnn.call_node import NodeCall
from references.onnx_rnn.nodes import cells_of
from references.onnx_rnn.reader import (
    Node,
    config_of,
    has_text_names,
    leads_to,
    own_inputs,
    read_node,
    recurrent,
)
from references.unsupported import Unsupported

DEEPEST = 64  # layers of a stack that is read without their names


def layers(source: Any, options: Mapping[str, Any]) -> dict[str, Callable[[], Layer]]:
    """The nodes RNN, GRU and LSTM of a model or a file by their names. A model says all."""
    model = _model(source)
    return {name: partial(_layer, model, name) for name in recurrent(model)}


def call(source: Any, layer: Layer) -> Callable[[Case], Outputs]:
    """Runs the very node of this name in ONNX Runtime, on its own weights."""
    model = _model(source)
    return NodeCall(model, _node(model, layer.name))


def chain(source: Any) -> tuple[str, ...]:
    """The names of all recurrent nodes, lowest first, where each reads the one below it alone."""
    model = _model(source)
    names = tuple(recurrent(model))
    if len(names) > DEEPEST:
        return ()
    try:
        check_stack(model, names)
    except (Unsupported, Unreadable):  # who names them all reads why
        return ()
    return names


def check_stack(source: Any, names: Sequence[str]) -> None:
    """Raises Unsupported or Unreadable where a node does not read the one that is before it."""
    model = _model(source)
    for lower, upper in pairwise(_node(model, name) for name in names):
        try:
            leads_to(model, lower, upper)
        except ValueError as error:
            raise Unreadable(str(error)) from error


def write(config: Config, weights: tuple[CellWeights, ...], path: Path, suffix: str) -> list[str]:
    """Writes a model of a node a layer; its inputs are X and the initial states."""
    case = Case(config, weights, np.zeros((1, 1, config.input_size), config.dtype))
    path.write_bytes(mirror.write(case).SerializeToString())
    if config.dtype == "float32":
        return []
    return ["ONNX Runtime has no RNN, GRU or LSTM in float64: the file is for other engines."]


def _model(source: Any) -> onnx.ModelProto:
    """A file's model. Data that lies in other files is never opened."""
    if not isinstance(source, Path):
        return source if isinstance(source, onnx.ModelProto) else onnx.ModelProto()
    check_size(source)
    with readable(source):
        model = onnx.ModelProto.FromString(source.read_bytes())
    if not has_text_names(model):
        raise Unreadable(f"{source} has names that are no text")
    return model


def _node(model: onnx.ModelProto, name: str) -> Node:
    with readable(f"node {name!r}"):
        try:
            return read_node(model, name, recurrent(model)[name])
        except ValueError as error:
            raise Unreadable(str(error)) from error


def _layer(model: onnx.ModelProto, name: str) -> Layer:
    node = _node(model, name)
    with readable(f"node {name!r}"):
        config = config_of(node)
    assumptions: tuple[str, ...] = ()
    if config.go_backwards:
        text = f"Node {name!r} has direction=reverse and puts out its sequence in the order of time"
        assumptions = (f"{text}; here its outputs stand in processing order, as in Keras.",)
    for key in own_inputs(model, node):
        text = f"Node {name!r} has {key} as a constant of the model"
        assumptions += (f"{text}; here it is that of each input instead.",)
    cells = cells_of(node.arrays, node.cell)
    names = [_names(node, direction) for direction in range(len(cells))]
    return layer_of(name, config, cells, "onnx", names, assumptions)


def _names(node: Node, direction: int) -> dict[str, str]:
    """The parts of a node's arrays that one direction has, by our names."""
    names = {ours: f"{node.names[own]}[{direction}]" for ours, own in (("W", "W"), ("U", "R"))}
    if "B" in node.names:
        half, B = node.arrays["B"].shape[1] // 2, node.names["B"]
        names |= {"b_W": f"{B}[{direction}, :{half}]", "b_U": f"{B}[{direction}, {half}:]"}
    return names
