"""Weights put down the wrong way round."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from harness.mistakes.mistake import Mistake
from references.case import Case, CellWeights

KERNEL = (
    "Keras' kernel has inputs on its first axis: copy W.T, of each gate; "
    "torch's weight_ih is W itself"
)
RECURRENT = (
    "Keras' recurrent_kernel has inputs on its first axis: copy U.T, of each gate; "
    "torch's weight_hh is U itself"
)
ONE_ORDER = "keep one order of units in all weights"


def _square(case: Case) -> bool:
    return all(cell.W.shape == cell.U.shape for cell in case.weights)


def _several_columns(case: Case) -> bool:
    """Some W has several columns; that of an upper layer reads the units below."""
    return any(cell.W.shape[1] > 1 for cell in case.weights)


def _no_vector(case: Case) -> bool:
    """Some W has several rows, of one gate or of all, and several columns."""
    return any(min(cell.W.shape) > 1 for cell in case.weights)


def _swap(weights: tuple[CellWeights, ...]) -> list[CellWeights]:
    return [replace(cell, W=cell.U, U=cell.W) for cell in weights]


def _without_last(W: np.ndarray) -> np.ndarray:
    W = W.copy()
    W[:, -1] = 0
    return W


def _joined(parts: Any, split: Any) -> Callable[[Any], list[CellWeights]]:
    """The parts stand side by side, and are cut where the other order has its border."""

    def change(cell: CellWeights) -> CellWeights:
        whole = np.concatenate(parts(cell), axis=1)
        if split:
            first, second = np.split(whole, [split(cell)], axis=1)
            return replace(cell, W=first, U=second)
        first, second = np.split(whole, [cell.U.shape[1]], axis=1)
        return replace(cell, W=second, U=first)

    return lambda weights: [change(cell) for cell in weights]


MISTAKES = (
    Mistake("U transposed", "U is used as its own transpose.")
    .to_fix("write np.dot(U, state_t), not np.dot(U.T, state_t)", RECURRENT)
    .when("several_units")
    .change_gates(U=np.transpose),
    Mistake("W transposed", "W, square here, is used as its transpose.")
    .to_fix("write np.dot(W, input_t), not np.dot(W.T, input_t)", KERNEL)
    .when("several_units", _square)
    .change_gates(W=np.transpose),
    Mistake("W reshaped", "W is reshaped where it should be transposed.")
    .to_fix("use W.T, never W.reshape(I, -1)")
    .when(_no_vector)
    .change_weights(W=lambda W: W.reshape(W.shape[::-1]).T),
    Mistake("W units reversed", "The rows of W are in another order than those of U and b.")
    .to_fix(ONE_ORDER)
    .when("several_units")
    .change_gates(W=np.flipud),
    Mistake("U rows reversed", "The rows of U are in another order than those of W and b.")
    .to_fix(ONE_ORDER)
    .when("several_units")
    .change_gates(U=np.flipud),
    Mistake("U columns reversed", "U reads the state's units in another order.")
    .to_fix(ONE_ORDER)
    .when("several_units")
    .change_weights(U=np.fliplr),
    Mistake("features permuted", "W reads the input's features in another order.")
    .to_fix("keep the features of W and of the inputs in one order")
    .when(_several_columns)
    .change_weights(W=np.fliplr),
    Mistake("U lower triangular", "Only the lower triangle of U is used.")
    .to_fix("use the whole of U")
    .when("several_units")
    .change_gates(U=np.tril),
    Mistake("U upper triangular", "Only the upper triangle of U is used.")
    .to_fix("use the whole of U")
    .when("several_units")
    .change_gates(U=np.triu),
    Mistake("U diagonal", "Only the diagonal of U is used.")
    .to_fix("multiply the state by U as a matrix, not element by element")
    .when("several_units")
    .change_gates(U=lambda U: np.diag(np.diag(U))),
    Mistake("U identity", "The state is added as it is, without U.")
    .to_fix("multiply the state by U")
    .change_gates(U=lambda U: np.eye(len(U), dtype=U.dtype)),
    Mistake("W and U swapped", "W, square here, multiplies the state and U the input.")
    .to_fix(
        "multiply input_t by W, state_t by U",
        "kernel and weight_ih are W; recurrent_kernel and weight_hh are U",
    )
    .when(_square)
    .change_case(weights=_swap),
    Mistake("W and U joined as [U, W]", "[U, W], side by side, multiplies [input_t, state_t].")
    .to_fix("join both in one order: [W, U] with [input_t, state_t]")
    .change_case(weights=_joined(lambda cell: (cell.U, cell.W), lambda cell: cell.W.shape[1])),
    Mistake(
        "input and state joined as [h, x]", "[W, U], side by side, multiplies [state_t, input_t]."
    )
    .to_fix("join both in one order: [W, U] with [input_t, state_t]")
    .change_case(weights=_joined(lambda cell: (cell.W, cell.U), None)),
    Mistake("recurrent term forgotten", "The step computes W x + b, without U h.")
    .to_fix("add np.dot(U, state_t)", "copy U into weight_hh (torch) or recurrent_kernel (Keras)")
    .change_weights(U=np.zeros_like),
    Mistake("last feature unread", "The last input feature is left out.")
    .to_fix("read all I features: check the end of the inner loop")
    .when("several_inputs")
    .change_weights(W=_without_last),
)
