"""Chapter 1: the loop on real numbers, every part of every step."""

from typing import NamedTuple

import numpy as np

from harness.draw.example import notebook_case
from references.cells.rnn import simple_rnn


class Numbers(NamedTuple):
    """What goes into the loop."""

    inputs: np.ndarray  # (T, I)
    W: np.ndarray  # (H, I)
    U: np.ndarray  # (H, H)
    b: np.ndarray  # (H,)


class Steps(NamedTuple):
    """The parts of each step: output_t = tanh(sums), and state_t is the previous output."""

    inputs: np.ndarray  # (T, I)
    states: np.ndarray  # (T, H), before the step
    W_x: np.ndarray  # (T, H)
    U_h: np.ndarray  # (T, H)
    b: np.ndarray  # (H,)
    sums: np.ndarray  # (T, H)
    outputs: np.ndarray  # (T, H)


def numbers(scaled: bool = True, dtype: str = "float64") -> Numbers:
    """The example's numbers: in [0, 1) as in the textbook, or scaled to [-1, 1) / sqrt(n).

    Scaled ones keep tanh out of its flat ends.
    """
    case = notebook_case(scaled, dtype, seed=0)
    (cell,) = case.weights
    return Numbers(case.inputs[0], cell.W, cell.U, cell.b_W)


def steps() -> Steps:
    """All 42 steps on the scaled numbers."""
    inputs, W, U, b = numbers()
    outputs = simple_rnn(inputs, W, U, b)
    states = np.concatenate([np.zeros_like(outputs[:1]), outputs[:-1]])
    W_x = np.stack([np.dot(W, input_t) for input_t in inputs])
    U_h = np.stack([np.dot(U, state_t) for state_t in states])
    return Steps(inputs, states, W_x, U_h, b, W_x + U_h + b, outputs)
