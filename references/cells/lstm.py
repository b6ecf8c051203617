"""The LSTM of Hochreiter and Schmidhuber (1997) with a forget gate (Gers et al. 2000)."""

from typing import Any

import numpy as np

from references.cells.activations import sigmoid

GATES, STATES = ("i", "f", "g", "o"), ("h", "c")


def gates(p: Any, x: Any, h: Any) -> tuple[Any, Any, Any]:
    """x (I, B), h (H, B) -> the forget gate, what enters c, the output gate, each (H, B)."""
    i = sigmoid(np.dot(p.W_i, x) + np.dot(p.U_i, h) + p.b_i)
    f = sigmoid(np.dot(p.W_f, x) + np.dot(p.U_f, h) + p.b_f)
    g = np.tanh(np.dot(p.W_g, x) + np.dot(p.U_g, h) + p.b_g)
    o = sigmoid(np.dot(p.W_o, x) + np.dot(p.U_o, h) + p.b_o)
    return f, i * g, o


def cell_state(f: Any, new: Any, c: Any) -> Any:
    """The next c (H, B)."""
    return f * c + new


def output(o: Any, c: Any) -> Any:
    """The next h (H, B), from the next c."""
    return o * np.tanh(c)


def step(p: Any, x: Any, h: Any, c: Any) -> tuple[Any, Any]:
    """x (I, B), h and c (H, B) -> (h, c)."""
    f, new, o = gates(p, x, h)
    c = cell_state(f, new, c)
    return output(o, c), c
