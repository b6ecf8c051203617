"""Reads the recurrent nodes of a model, and what stands between two of them; runs nothing of it."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.reference import ReferenceEvaluator

from references.case import Config
from references.cells import CELLS
from references.onnx_rnn.nodes import ACTIVATIONS, GATED, INPUTS, OPS
from references.unsupported import Unsupported

CELL_OF = {op: cell for cell, op in OPS.items()}
DOMAINS = ("", "ai.onnx")
NUMBERS = {TensorProto.FLOAT: "float32", TensorProto.DOUBLE: "float64"}
WHOLE = {TensorProto.INT64: "int64"}
LENGTHS = {TensorProto.INT32: "int32"}
# What may stand between two layers: it moves numbers, and computes none.
MOVES = ("Transpose", "Reshape", "Squeeze", "Unsqueeze", "Identity", "Dropout")
TRAINING_MODE = 2  # the place of the input without which Dropout drops nothing
LONGEST = 8  # moves between two layers
PROBE = (2, 3, 5)  # time, batch and units of what is moved to see where it goes


class Node(NamedTuple):
    """A recurrent node, and what its attributes and arrays say."""

    name: str
    proto: onnx.NodeProto
    attributes: dict[str, Any]
    arrays: dict[str, np.ndarray]  # W, R and, where there is one, B
    names: dict[str, str]  # theirs in the model

    @property
    def cell(self) -> str:
        """The cell that it computes."""
        return CELL_OF[self.proto.op_type]

    @property
    def direction(self) -> str:
        """Forward, reverse or bidirectional."""
        return str(self.attributes.get("direction", "forward"))

    @property
    def layout(self) -> int:
        """0 where time stands first, 1 where the batch does."""
        return int(self.attributes.get("layout", 0))


def has_text_names(model: onnx.ModelProto) -> bool:
    """False where a name is not UTF-8, which protobuf hands over as bytes."""
    nodes = model.graph.node
    names = [name for node in nodes for name in (node.name, *node.input, *node.output)]
    names += [tensor.name for tensor in model.graph.initializer]
    return all(isinstance(name, str) for name in names)


def recurrent(model: onnx.ModelProto) -> dict[str, onnx.NodeProto]:
    """The recurrent nodes of a model by name; one has a number where its name cannot be said."""
    result: dict[str, onnx.NodeProto] = {}
    for index, node in enumerate(model.graph.node):
        if node.op_type in CELL_OF and node.domain in DOMAINS:
            plain = node.name and "," not in node.name and node.name == node.name.strip()
            name = node.name if plain else f"{node.op_type}_{index}"
            result[name if name not in result else f"{name}_{index}"] = node
    return result


def read_node(model: onnx.ModelProto, name: str, proto: onnx.NodeProto) -> Node:
    """A node with its arrays. Raises Unsupported or ValueError for what is no layer of ours."""
    inputs = dict(zip(INPUTS, proto.input, strict=False))
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in proto.attribute}
    texts = {key: _text(value) for key, value in attributes.items()}
    names = {key: inputs[key] for key in ("W", "R", "B") if inputs.get(key)}
    for key in ("W", "R"):
        if key not in names:
            raise ValueError(f"node {name!r} has no {key}")
    arrays = {key: constant(model, source, NUMBERS) for key, source in names.items()}
    node = Node(name, proto, texts, arrays, names)
    if inputs.get("P"):
        raise Unsupported(f"node {name!r} has peepholes (P), which no Config has")
    _check_shapes(node)
    return node


def config_of(node: Node) -> Config:
    """The node alone, as a Config of one layer. Raises Unsupported for what no Config says."""
    attributes, cell = node.attributes, node.cell
    for field in ("clip", "input_forget"):
        if attributes.get(field):
            raise Unsupported(f"node {node.name!r} has {field}, which no Config has")
    D, H = node.arrays["R"].shape[0], node.arrays["R"].shape[2]
    reset_after = bool(attributes.get("linear_before_reset", 0)) if cell == "gru" else True
    return Config(
        node.arrays["W"].shape[2],
        H,
        bidirectional=D == 2,
        nonlinearity=_nonlinearity(node, D),
        bias="B" in node.arrays,
        go_backwards=node.direction == "reverse",
        dtype=node.arrays["W"].dtype.name,
        cell=cell,
        reset_after=reset_after,
    )


def own_inputs(model: onnx.ModelProto, node: Node) -> list[str]:
    """The names of what a node has as constants that a case has itself: lengths, states but 0."""
    inputs, names = dict(zip(INPUTS, node.proto.input, strict=False)), []
    for key, kinds in (("sequence_lens", LENGTHS), ("initial_h", NUMBERS), ("initial_c", NUMBERS)):
        with suppress(Unsupported, ValueError):
            if constant(model, inputs.get(key) or "", kinds).any():
                names.append(key)
    return names


def _text(value: Any) -> Any:
    """Attributes are bytes where they are text."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, list):
        return [_text(item) for item in value]
    return value


def _check_shapes(node: Node) -> None:
    G, D = len(CELLS[node.cell].GATES), 2 if node.direction == "bidirectional" else 1
    if node.direction not in ("forward", "reverse", "bidirectional"):
        raise Unsupported(f"node {node.name!r} has direction {node.direction!r}")
    if node.layout not in (0, 1):
        raise Unsupported(f"node {node.name!r} has layout {node.layout}")
    shapes = {key: array.shape for key, array in node.arrays.items()}
    R = shapes["R"]
    H = R[2] if len(R) == 3 else 0
    expected: dict[str, tuple[int, ...]] = {"R": (D, G * H, H), "B": (D, 2 * G * H)}
    if len(shapes["W"]) == 3:
        expected["W"] = (D, G * H, shapes["W"][2])
    for key, shape in shapes.items():
        if shape != expected.get(key) or 0 in shape:
            words = f"{D} direction{'s' * (D > 1)} of {node.proto.op_type}"
            raise ValueError(f"{key} of node {node.name!r} has shape {shape}, which no {words} has")
    if node.attributes.get("hidden_size", H) != H:
        said = node.attributes["hidden_size"]
        raise ValueError(f"node {node.name!r} says hidden_size={said}, but R has {H} columns")
    if len({array.dtype for array in node.arrays.values()}) > 1:
        raise ValueError(f"the arrays of node {node.name!r} have several dtypes")


def _nonlinearity(node: Node, D: int) -> str:
    default = GATED.get(node.cell, ("Tanh",))
    names = [str(name).lower() for name in node.attributes.get("activations") or default * D]
    if node.cell != "rnn":
        if names == [name.lower() for name in default] * D:
            return "tanh"
    elif len(names) == D and len(set(names)) == 1:
        for ours, theirs in ACTIVATIONS.items():
            if theirs.lower() == names[0] and (ours != "linear" or _is_identity(node, D)):
                return ours
    text = ", ".join(names)[:80]
    raise Unsupported(f"node {node.name!r} has activations {text}, which no Config has")


def _is_identity(node: Node, D: int) -> bool:
    """Affine is alpha * z + beta."""
    alpha, beta = (list(node.attributes.get(f"activation_{n}", [])) for n in ("alpha", "beta"))
    return alpha == [1.0] * D and beta == [0.0] * D


def constant(model: onnx.ModelProto, name: str, kinds: dict[int, str]) -> np.ndarray:
    """The array of an initializer or a Constant node. Raises Unsupported for anything else."""
    for _ in range(LONGEST):
        tensor = next((t for t in model.graph.initializer if t.name == name), None)
        if tensor is not None:
            return _array(name, tensor, kinds)
        node = next((n for n in model.graph.node if name in n.output), None)
        if node is None:
            raise Unsupported(f"{name!r} is no constant of the model, but an input of it")
        if node.op_type == "Constant":
            values = [a.t for a in node.attribute if a.name == "value"]
            if len(values) == 1:
                return _array(name, values[0], kinds)
        if node.op_type != "Identity" or len(node.input) != 1:
            raise Unsupported(
                f"{name!r} is computed by {node.op_type}, and only constants are read"
            )
        name = node.input[0]
    raise ValueError(f"{name!r} is a chain of more than {LONGEST} nodes Identity")


def _array(name: str, tensor: onnx.TensorProto, kinds: dict[int, str]) -> np.ndarray:
    """A tensor whose bytes are all there, before anything is made of its shape."""
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise Unsupported(f"{name!r} lies in another file (external data), which is never opened")
    if tensor.data_type not in kinds:
        known = TensorProto.DataType.values()
        kind = TensorProto.DataType.Name(tensor.data_type) if tensor.data_type in known else "?"
        raise Unsupported(f"{name!r} has dtype {kind}, expected {' or '.join(kinds.values())}")
    dtype = np.dtype(kinds[tensor.data_type])
    typed = {
        "int32": "int32_data",
        "float32": "float_data",
        "float64": "double_data",
        "int64": "int64_data",
    }
    count = len(tensor.raw_data) // dtype.itemsize or len(getattr(tensor, typed[dtype.name]))
    size = 1
    for dim in tensor.dims:
        size *= max(int(dim), 0)
    if size != count or min(tensor.dims, default=0) < 0 or len(tensor.raw_data) % dtype.itemsize:
        shape = "x".join(map(str, tensor.dims))[:80]
        raise ValueError(f"{name!r} has shape {shape}, but {count} numbers")
    return np.asarray(numpy_helper.to_array(tensor))


def leads_to(model: onnx.ModelProto, lower: Node, upper: Node) -> None:
    """Raises Unsupported where the upper node does not read just the sequence of the lower one.

    What stands between them moves a probe of the lower one's shape, to see where it goes. A lower
    node that reads backwards puts out in the order of time, and a layer of ours in its own.
    """
    if lower.direction == "reverse":
        text = "puts out its sequence in the order of time"
        raise Unsupported(f"node {lower.name!r} reads backwards and {text}: read it alone")
    path: list[onnx.NodeProto] = []
    name, Y = upper.proto.input[0], lower.proto.output[0]
    while name != Y:
        node = next((n for n in model.graph.node if name in n.output), None)
        if node is None or node.op_type not in MOVES or len(path) == LONGEST or not node.input:
            what = "an input of the model" if node is None else f"node {node.op_type}"
            text = f"{what}, which is no {lower.name!r} moved by {' or '.join(MOVES)}"
            raise Unsupported(f"node {upper.name!r} reads {text}")
        path.insert(0, node)
        name = node.input[0]
    T, B, H = PROBE[0], PROBE[1], lower.arrays["R"].shape[2]
    D = lower.arrays["R"].shape[0]
    steps = np.arange(float(T * D * B * H), dtype=np.float32).reshape(T, D, B, H)
    expected = steps.transpose(0, 2, 1, 3).reshape(T, B, D * H)
    moved = _moved(model, path, steps.transpose(2, 0, 1, 3) if lower.layout else steps)
    if not np.array_equal(moved, expected.swapaxes(0, 1) if upper.layout else expected):
        text = "does not read the sequence (time, batch, directions * units)"
        raise Unsupported(f"node {upper.name!r} {text} of node {lower.name!r}")


def _moved(model: onnx.ModelProto, path: Sequence[onnx.NodeProto], probe: np.ndarray) -> Any:
    """The probe after these nodes."""
    for node in path:
        if node.op_type == "Dropout" and len(node.input) <= TRAINING_MODE:
            continue
        shapes = [constant(model, name, WHOLE) for name in node.input[1:] if name]
        if any(shape.size > LONGEST for shape in shapes):
            raise ValueError(f"node {node.op_type} has a shape of more than {LONGEST} sizes")
        try:
            evaluator = ReferenceEvaluator(node, opsets={"": opset(model)})
            names = [name for name in node.input if name]
            (probe,) = evaluator.run(None, dict(zip(names, [probe, *shapes], strict=True)))
        except Exception as error:
            raise ValueError(f"node {node.op_type} cannot move a sequence") from error
    return probe


def opset(model: onnx.ModelProto) -> int:
    """The version of ONNX's own operators that the model names."""
    return next((o.version for o in model.opset_import if o.domain in DOMAINS), 1)
