"""The mirror of ONNX's RNN, GRU and LSTM nodes: copies W, U and both biases, folds nothing.

The gates stand in ONNX's order, z, r, n and i, o, f, g; `source` puts them back into ours.
"""

from typing import Any

import numpy as np
import onnx

from references.case import Case
from references.onnx_rnn.graph import Graph
from references.onnx_rnn.options import Options
from references.onnx_rnn.reader import read_node, recurrent
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


def arrays(model: onnx.ModelProto) -> dict[str, Any]:
    """The arrays of the lowest layer by ONNX's names, without the axis of directions."""
    name, proto = next(iter(recurrent(model).items()))
    node = read_node(model, name, proto)
    return {name: np.asarray(array[0]) for name, array in node.arrays.items()}
