"""The mirror of ONNX's RNN, GRU and LSTM nodes: copies W, U and both biases, folds nothing.

The gates stand in ONNX's order, z, r, n and i, o, f, g; read puts them back into ours.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Any

import numpy as np
import onnx

from references.case import Case, CellWeights, Config
from references.onnx_rnn.graph import Graph
from references.onnx_rnn.nodes import cells_of
from references.onnx_rnn.options import Options
from references.onnx_rnn.reader import Node, config_of, leads_to, read_node, recurrent
from references.unsupported import Unsupported


def write(case: Case) -> onnx.ModelProto:
    """Puts the case's weights into a model: a node a layer, each of which reads the one below.

    Inputs are X (time, batch, inputs) and the initial states; see `references.onnx_rnn.graph`. A
    layer that reads backwards is a node with direction=reverse, whose outputs stand in the order
    of time. Raises Unsupported for go_backwards of several layers or of two directions.
    """
    config = case.config
    if config.go_backwards and (config.bidirectional or config.num_layers > 1):
        reason = "reads backwards in one layer and one direction alone"
        raise Unsupported(f"a node of ONNX {reason} (direction=reverse)")
    return Graph(config, Options(backwards="direction"), lengths=False).build(case.weights)


def read(model: onnx.ModelProto, names: str = "") -> tuple[Config, tuple[CellWeights, ...]]:
    """Reads what `write` put in, bit for bit, from the nodes of these names, lowest first.

    Several names are separated by commas; without any all recurrent nodes of the model are read as
    one stack. Where B is there, so are both biases. Raises Unsupported for what no Config says,
    and ValueError for what is no model of recurrent nodes.
    """
    return stack_of(model, chain(model, names))


def chain(model: onnx.ModelProto, names: str = "") -> list[Node]:
    """The recurrent nodes of these names, or all of them, with their arrays."""
    nodes = recurrent(model)
    if not nodes:
        raise ValueError("the model has no node RNN, GRU or LSTM")
    result = []
    for name in names.split(",") if names else nodes:
        if name not in nodes:
            raise ValueError(f"there is no node {name!r}; the model has {', '.join(nodes)}")
        result.append(read_node(model, name, nodes[name]))
    return result


def stack_of(
    model: onnx.ModelProto, nodes: Sequence[Node]
) -> tuple[Config, tuple[CellWeights, ...]]:
    """The nodes as one Config, each a layer that reads the one before it."""
    first = config_of(nodes[0])
    config = replace(first, num_layers=len(nodes))
    for lower, upper in pairwise(nodes):
        if lower.direction == "reverse":
            text = "puts out its sequence in the order of time"
            raise Unsupported(f"node {lower.name!r} reads backwards and {text}: read it alone")
        leads_to(model, lower, upper)
        own = asdict(replace(config, input_size=config.output_size, num_layers=1))
        for field, value in asdict(config_of(upper)).items():
            if value != own[field]:
                text = f"has {field} {value}, where the stack below it has {own[field]}"
                raise Unsupported(f"node {upper.name!r} {text}")
    cells = (cell for node in nodes for cell in cells_of(node.arrays, node.cell))
    return config, tuple(CellWeights(**cell) for cell in cells)


def arrays(model: onnx.ModelProto) -> dict[str, Any]:
    """The arrays of the lowest layer by ONNX's names, without the axis of directions."""
    node = chain(model)[0]
    return {name: np.asarray(array[0]) for name, array in node.arrays.items()}
