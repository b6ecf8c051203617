"""The GRU of Cho et al. (2014): a reset gate r, an update gate z and a candidate n.

With `reset_after` the reset follows the product U_n h, as in PyTorch, in Keras by default and in
ONNX with linear_before_reset=1. Without, it comes before it, as in the paper.
"""

from typing import Any

import numpy as np

from references.cells.activations import sigmoid

GATES, STATES = ("r", "z", "n"), ("h",)


def step(p: Any, x: Any, h: Any) -> tuple[Any]:
    """x (I, B), h (H, B) -> (h,); `p.reset_after` says which of the two GRUs it is."""
    r = sigmoid(np.dot(p.W_r, x) + np.dot(p.U_r, h) + p.b_r)
    z = sigmoid(np.dot(p.W_z, x) + np.dot(p.U_z, h) + p.b_z)
    if p.reset_after:
        n = np.tanh(np.dot(p.W_n, x) + p.b_W_n + r * (np.dot(p.U_n, h) + p.b_U_n))
    else:
        n = np.tanh(np.dot(p.W_n, x) + np.dot(p.U_n, r * h) + p.b_n)
    return ((1 - z) * n + z * h,)
