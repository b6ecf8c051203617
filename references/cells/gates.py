"""The weights of a cell by gate, under the names that its equation uses."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from references.case import CellWeights


def by_gate(
    weights: "CellWeights",
    gates: Sequence[str],
    activation: Callable[[Any], Any],
    lift: Callable[[np.ndarray], Any] = np.asarray,
) -> SimpleNamespace:
    """For each gate, as i: W_i (H, I), U_i (H, H), b_W_i and b_U_i (H, 1), and their sum b_i.

    `lift` turns each block into what the equation computes with: an array, or an enclosure.
    """
    p = SimpleNamespace(activation=activation)
    for name, array in weights.arrays().items():
        for gate, block in zip(gates, np.split(array, len(gates)), strict=True):
            setattr(p, f"{name}_{gate}", lift(block if block.ndim == 2 else block[:, np.newaxis]))
    for gate in gates:
        setattr(p, f"b_{gate}", getattr(p, f"b_W_{gate}") + getattr(p, f"b_U_{gate}"))
    return p
