"""The weights of a cell by gate, under the names that its equation uses."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from references.cells import CELLS

if TYPE_CHECKING:
    from references.case import CellWeights, Config


def by_gate(
    weights: "CellWeights",
    config: "Config",
    activation: Callable[[Any], Any],
    lift: Callable[[np.ndarray], Any] = np.asarray,
) -> SimpleNamespace:
    """For each gate, as i: W_i (H, I), U_i (H, H), b_W_i and b_U_i (H, 1), and their sum b_i.

    `lift` turns each block into what the equation computes with: an array, or an enclosure. With
    them stand the `activation` of an rnn and the `reset_after` of a gru.
    """
    gates = CELLS[config.cell].GATES
    H = weights.U.shape[1]
    blocks = {}
    for name, array in weights.arrays().items():
        columns = array if array.ndim == 2 else array[:, np.newaxis]
        for index, gate in enumerate(gates):
            blocks[f"{name}_{gate}"] = lift(columns[index * H : (index + 1) * H])
    for gate in gates:
        blocks[f"b_{gate}"] = blocks[f"b_W_{gate}"] + blocks[f"b_U_{gate}"]
    return SimpleNamespace(activation=activation, reset_after=config.reset_after, **blocks)


def reordered(array: np.ndarray, gates: Sequence[str], order: Sequence[str]) -> np.ndarray:
    """The rows (G*H, ...), which stand gate by gate as `gates` says, in another order."""
    if gates == order:
        return array
    blocks = dict(zip(gates, np.split(array, len(gates)), strict=True))
    return np.concatenate([blocks[gate] for gate in order])
