"""Runs one node of a model in ONNX Runtime, on its own weights, with a case's inputs and states."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from references.case import Case, Outputs
from references.cells import CELLS
from references.onnx_rnn.calls import session
from references.onnx_rnn.options import Options, lengths_of, refuse
from references.onnx_rnn.reader import Node, opset
from references.unsupported import Unsupported

IR_VERSION = 8


class NodeCall:
    """A node in a graph of its own. The weights of a case do not matter to it."""

    def __init__(self, model: onnx.ModelProto, node: Node) -> None:
        self.node, self.opset = node, opset(model)
        self.states = CELLS[node.cell].STATES
        self.sessions: dict[bool, Any] = {}

    def __call__(self, case: Case) -> Outputs:
        """Computes the case. Raises Unsupported for what Runtime or a node cannot compute."""
        options = Options(backwards="direction", layout=self.node.layout)
        refuse(case, options)
        lengths = lengths_of(case, options)
        feed = {"X": case.inputs.swapaxes(0, 1), "initial_h": case.h_0, "initial_c": case.c_0}
        feed["sequence_lens"] = lengths
        arrays = {k: np.ascontiguousarray(a) for k, a in feed.items() if a is not None}
        Y, *last = self._session(lengths is not None).run(None, arrays)
        sequence = Y.transpose(2, 0, 1, 3).reshape(case.batch, case.time, -1)
        if case.config.go_backwards:
            sequence = sequence[:, ::-1]
        return Outputs.of(sequence, last)

    def _session(self, has_lengths: bool) -> Any:
        if has_lengths not in self.sessions:
            model = self._model(has_lengths).SerializeToString()
            try:
                self.sessions[has_lengths] = session(model)
            except Exception as error:
                line = " ".join(str(error).split())[:120]
                raise Unsupported(
                    f"ONNX Runtime does not take node {self.node.name!r}: {line}"
                ) from error
        return self.sessions[has_lengths]

    def _model(self, has_lengths: bool) -> onnx.ModelProto:
        """The node as it is, but for the names of what it reads and puts out."""
        initial = [f"initial_{state}" for state in self.states]
        lengths = "sequence_lens" if has_lengths else ""
        proto = onnx.NodeProto()
        proto.CopyFrom(self.node.proto)
        del proto.input[:], proto.output[:]
        constants = [name if name in self.node.arrays else "" for name in ("W", "R", "B")]
        proto.input.extend(["X", *constants, lengths, *initial])
        proto.output.extend(["Y", *(f"Y_{state}" for state in self.states)])
        inputs = [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ["X", *initial]
        ]
        if has_lengths:
            inputs.append(helper.make_tensor_value_info(lengths, TensorProto.INT32, None))
        outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in proto.output]
        tensors = [numpy_helper.from_array(a, name) for name, a in self.node.arrays.items()]
        return helper.make_model(
            helper.make_graph([proto], "node", inputs, outputs, tensors),
            opset_imports=[helper.make_opsetid("", self.opset)],
            ir_version=IR_VERSION,
        )
