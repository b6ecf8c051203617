"""Builds the graph of a case: a recurrent node a layer, and what leads from one to the next.

Its inputs are X (time, batch, inputs), or (batch, time, inputs) with layout 1; `initial_h_0` and
`initial_c_0` of every layer; and sequence_lens. Its outputs are of every layer `sequence_0`
(time, batch, H*D), `Y_h_0` and `Y_c_0`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from references.case import CellWeights, Config
from references.cells import CELLS
from references.onnx_rnn.nodes import OPS, arrays_of, attributes
from references.onnx_rnn.options import Options

# The version of the file format that is as old as the opset: who reads the one reads the other.
# Opset 7's own, 3, has weights among the inputs of a graph.
IR_VERSIONS = {7: 4, 14: 8, 22: 10}
TYPES = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE}
ARRAYS = {"W": 3, "R": 3, "B": 2}  # of a node, with their ranks


class Part(NamedTuple):
    """The directions of a layer that one node computes."""

    name: str  # the layer, and the direction where that has a node of its own
    cells: slice  # of a case's weights, and of its initial states
    direction: str


def parts_of(layer: int, config: Config, options: Options) -> list[Part]:
    """The recurrent nodes of a layer."""
    first = layer * config.num_directions
    if not config.bidirectional:
        reverse = options.backwards == "direction" and config.go_backwards
        return [Part(f"{layer}", slice(first, first + 1), "reverse" if reverse else "forward")]
    if options.directions == "one node":
        return [Part(f"{layer}", slice(first, first + 2), "bidirectional")]
    return [
        Part(f"{layer}_{direction}", slice(first + d, first + d + 1), direction)
        for d, direction in enumerate(("forward", "reverse"))
    ]


class Graph:
    """A graph in the making: nodes in the order in which they compute, inputs and outputs."""

    def __init__(self, config: Config, options: Options, lengths: bool) -> None:
        self.config, self.options, self.lengths = config, options, lengths
        self.nodes: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.initializers: list[Any] = []

    def build(self, weights: Sequence[CellWeights] | None) -> onnx.ModelProto:
        """The model. Without weights they are inputs of the graph."""
        self._input("X", 3)
        if self.lengths:
            self._input("sequence_lens", 1, TensorProto.INT32)
        below = "X"
        for layer in range(self.config.num_layers):
            parts = parts_of(layer, self.config, self.options)
            last = layer + 1 == self.config.num_layers and self.options.outputs == "last"
            for part in parts:
                self._recurrent(part, below, None if weights is None else weights[part.cells], last)
            below = self._joined(layer, parts, last)
        graph = helper.make_graph(
            self.nodes, "recurrent", self.inputs, self.outputs, self.initializers
        )
        opset = self.options.opset
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", opset)],
            ir_version=IR_VERSIONS[opset],
            producer_name="rnn-parity",
        )

    def _recurrent(
        self, part: Part, below: str, weights: Sequence[CellWeights] | None, last: bool
    ) -> None:
        config = self.config
        names = {name: f"{name}_{part.name}" for name in ARRAYS if name != "B" or config.bias}
        if weights is None:
            for name, full in names.items():
                self._input(full, ARRAYS[name])
        else:
            for name, array in arrays_of(weights, config).items():
                self._constant(names[name], array)
        states = [f"initial_{state}_{part.name}" for state in CELLS[config.cell].STATES]
        if self.options.state == "default":
            states = []
        for state in states:
            self._input(state, 3)
        inputs = [below, names["W"], names["R"], names.get("B", "")]
        inputs += ["sequence_lens" if self.lengths else "", *states]
        outputs = ["Y", *(f"Y_{state}" for state in CELLS[config.cell].STATES)]
        values = attributes(config, part.direction, self.options.attributes == "all")
        if self.options.layout:
            values["layout"] = 1
        node = helper.make_node(
            OPS[config.cell],
            inputs,
            ["" if last and name == "Y" else f"{name}_{part.name}" for name in outputs],
            name=f"{OPS[config.cell]}_{part.name}",
            **values,
        )
        self.nodes.append(node)

    def _joined(self, layer: int, parts: Sequence[Part], last: bool) -> str:
        """What a layer puts out; returns the name of its sequence."""
        states = [f"Y_{state}" for state in CELLS[self.config.cell].STATES]
        if len(parts) > 1:
            for name, axis in [("Y", 1), *((state, 0) for state in states)]:
                sources = [f"{name}_{part.name}" for part in parts]
                axis = 2 * axis if self.options.layout and name == "Y" else axis
                axis = 1 if self.options.layout and name != "Y" else axis
                self._node("Concat", sources, f"{name}_{layer}", axis=axis)
        self.outputs += [self._value(f"{state}_{layer}", 3) for state in states]
        sequence, Y = f"sequence_{layer}", f"Y_{layer}"
        if last:
            return sequence
        if not self.options.layout:
            self._node("Transpose", [Y], f"steps_{layer}", perm=[0, 2, 1, 3])
            Y = f"steps_{layer}"
        shape = np.array([0, 0, self.config.output_size], np.int64)
        self._node("Reshape", [Y, self._constant(f"shape_{layer}", shape)], sequence)
        self.outputs.append(self._value(sequence, 3))
        return sequence

    def _node(self, op: str, inputs: Sequence[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))

    def _constant(self, name: str, array: np.ndarray) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _input(self, name: str, rank: int, kind: int | None = None) -> None:
        self.inputs.append(self._value(name, rank, kind))

    def _value(self, name: str, rank: int, kind: int | None = None) -> Any:
        dims = [f"{name}_{axis}" for axis in range(rank)]
        return helper.make_tensor_value_info(name, kind or TYPES[self.config.dtype], dims)
