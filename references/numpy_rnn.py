"""The hand-written RNN: the loop of the teaching notebook, then the same step over batches, layers, directions and masks."""

from collections.abc import Callable
from typing import Any

import numpy as np

from references.case import Case, CellWeights, Outputs


def step(
    W: Any, U: Any, b: Any, input_t: Any, state_t: Any, activation: Callable[[Any], Any] = np.tanh
) -> Any:
    """One time step. W (H, I), U (H, H); one row: b (H,), input_t (I,), state_t (H,) -> (H,).

    A batch stands in columns: b (H, 1), input_t (I, B), state_t (H, B) -> (H, B).
    This very line also runs on the enclosures of `harness.judge`, which is where the tolerance comes from.
    """
    return activation(np.dot(W, input_t) + np.dot(U, state_t) + b)


def simple_rnn(inputs: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The notebook's loop: inputs (T, I), W (H, I), U (H, H), b (H,) -> successive outputs (T, H)."""
    successive_outputs = []
    state_t = np.zeros_like(b)
    for input_t in inputs:
        output_t = step(W, U, b, input_t, state_t)
        successive_outputs.append(output_t)
        state_t = output_t
    return np.stack(successive_outputs)


def relu(z: Any) -> Any:
    """max(z, 0)."""
    return np.maximum(z, 0)


def sigmoid(z: Any) -> Any:
    """1 / (1 + exp(-z))."""
    return 1 / (1 + np.exp(-z))


def softsign(z: Any) -> Any:
    """z / (1 + |z|)."""
    return z / (1 + np.abs(z))


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": np.tanh,
    "relu": relu,
    "linear": np.positive,
    "sigmoid": sigmoid,
    "softsign": softsign,
}


def recur(
    cell: CellWeights, case: Case, inputs: np.ndarray, state_t: np.ndarray, mask: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """One layer in one direction: inputs (T, I, B), state_t (H, B), mask (T, B) -> outputs (T, H, B), final state (H, B)."""
    activation = ACTIVATIONS[case.config.nonlinearity]
    b = (cell.b_W + cell.b_U)[:, np.newaxis]  # (H, 1)
    successive_outputs = []
    masked_t = np.zeros_like(state_t)  # what a masked step puts out
    for t, input_t in enumerate(inputs):
        output_t = step(cell.W, cell.U, b, input_t, state_t, activation)
        if mask is None:
            state_t = output_t
        else:
            state_t = np.where(mask[t], output_t, state_t)
            output_t = np.where(mask[t], output_t, masked_t)
            if case.masked_output == "repeat":
                masked_t = output_t
        successive_outputs.append(output_t)
    return np.stack(successive_outputs), state_t


def run(case: Case) -> Outputs:
    """The whole of Config and Case, in the case's own dtype."""
    order = -1 if case.config.go_backwards else 1
    sequence = case.inputs[:, ::order].transpose(1, 2, 0)  # (T, I, B)
    mask = None if case.mask is None else case.mask[:, ::order].T  # (T, B)
    D = case.config.num_directions
    layers, final_states = [], []
    with np.errstate(all="ignore"):  # an overflow shows in the outputs, where the judge looks
        for layer in range(case.config.num_layers):
            halves = []
            for direction in range(D):
                index = layer * D + direction
                time = -1 if direction else 1
                outputs, state = recur(
                    case.weights[index],
                    case,
                    sequence[::time],
                    case.initial_state[index].T,
                    None if mask is None else mask[::time],
                )
                halves.append(outputs[::time])
                final_states.append(state.T)
            sequence = np.concatenate(halves, axis=1)
            layers.append(np.ascontiguousarray(sequence.transpose(2, 0, 1)))
    return Outputs(layers[-1], np.stack(final_states), tuple(layers))
