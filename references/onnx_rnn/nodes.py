"""What ONNX's three recurrent nodes are made of: names, order of gates, arrays and attributes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from references import REFERENCES
from references.case import CellWeights, Config
from references.cells import CELLS
from references.cells.gates import reordered

OPS = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
# The gates in ONNX's order under our names; ONNX calls n of a GRU h, and g of an LSTM c.
GATES = {cell: REFERENCES["onnx"].gates.get(cell, kind.GATES) for cell, kind in CELLS.items()}
# Affine is alpha * z + beta, here 1 * z + 0.
ACTIVATIONS = {
    "tanh": "Tanh",
    "relu": "Relu",
    "linear": "Affine",
    "sigmoid": "Sigmoid",
    "softsign": "Softsign",
}
GATED = {"gru": ("Sigmoid", "Tanh"), "lstm": ("Sigmoid", "Tanh", "Tanh")}
# The inputs of a node by their places. P is an LSTM's peepholes.
INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")


def arrays_of(cells: Sequence[CellWeights], config: Config) -> dict[str, np.ndarray]:
    """W (D, G*H, I), R (D, G*H, H) and B (D, 2*G*H) of a node, in ONNX's order of gates.

    The first half of B is b_W. Without bias there is no B.
    """
    ours, theirs = CELLS[config.cell].GATES, GATES[config.cell]
    rows = [{n: reordered(a, ours, theirs) for n, a in cell.arrays().items()} for cell in cells]
    arrays = {"W": np.stack([row["W"] for row in rows]), "R": np.stack([row["U"] for row in rows])}
    if config.bias:
        arrays["B"] = np.stack([np.concatenate([row["b_W"], row["b_U"]]) for row in rows])
    return arrays


def cells_of(arrays: Mapping[str, np.ndarray], cell: str) -> list[dict[str, np.ndarray]]:
    """The reverse: W, U and, where there is a B, b_W and b_U of each direction."""
    ours, theirs = CELLS[cell].GATES, GATES[cell]
    matrices = {"W": arrays["W"], "U": arrays["R"]}
    if "B" in arrays:
        matrices["b_W"], matrices["b_U"] = np.split(arrays["B"], 2, axis=1)
    return [
        {name: reordered(array[d], theirs, ours) for name, array in matrices.items()}
        for d in range(len(arrays["W"]))
    ]


def attributes(config: Config, direction: str, spell_out: bool = False) -> dict[str, Any]:
    """The attributes of a node that reads in this direction; defaults only to spell them out."""
    D = 2 if direction == "bidirectional" else 1
    own: dict[str, Any] = {"hidden_size": config.hidden_size, "direction": direction}
    activations = GATED.get(config.cell) or (ACTIVATIONS[config.nonlinearity],)
    if spell_out or activations not in (*GATED.values(), ("Tanh",)):
        own["activations"] = activations * D
    if config.nonlinearity == "linear":
        own |= {"activation_alpha": [1.0] * D, "activation_beta": [0.0] * D}
    if config.cell == "gru" and (config.reset_after or spell_out):
        own["linear_before_reset"] = int(config.reset_after)
    return own
