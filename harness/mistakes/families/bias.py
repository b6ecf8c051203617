"""Biases dropped, doubled, moved or added in the wrong place."""

from typing import Any

import numpy as np

from harness.mistakes.mistake import Mistake
from references.cells.walk import Moment


def _zero(b: np.ndarray) -> np.ndarray:
    return b * 0


def _double(b: np.ndarray) -> np.ndarray:
    return b * 2


def _roll(b: np.ndarray) -> np.ndarray:
    return np.roll(b, 1)


def _late(now: Moment) -> Any:
    p = now.p
    return p.activation(np.dot(p.W_h, now.input_t) + np.dot(p.U_h, now.state_t)) + p.b_h


TWO = (
    "torch and ONNX have two biases: add both, or fold them into Keras' one; "
    "a GRU with reset_after keeps both"
)
FOLD = (
    "when folding, set one bias to the sum and the other to zero; a GRU with reset_after folds none"
)
MISTAKES = (
    Mistake("b_W dropped", "The bias that goes with W is left out.")
    .to_fix("add both biases, b_W + b_U", TWO)
    .when("bias")
    .change_weights(b_W=_zero),
    Mistake("b_U dropped", "The bias that goes with U is left out.")
    .to_fix("add both biases, b_W + b_U", TWO)
    .when("recurrent_bias")
    .change_weights(b_U=_zero),
    Mistake("bias dropped", "Both biases are left out.")
    .to_fix("add b inside the activation", "check bias=True (torch) or use_bias=True (Keras)")
    .when("bias")
    .change_weights(b_W=_zero, b_U=_zero),
    Mistake("b_W doubled", "The bias that goes with W is added twice.")
    .to_fix("add each bias once", FOLD)
    .when("bias")
    .change_weights(b_W=_double),
    Mistake("b_U doubled", "The bias that goes with U is added twice.")
    .to_fix("add each bias once", FOLD)
    .when("recurrent_bias")
    .change_weights(b_U=_double),
    Mistake("bias doubled", "Both biases are added twice.")
    .to_fix("add the bias once", "Keras' one bias goes into bias_ih or bias_hh, not into both")
    .when("bias")
    .change_weights(b_W=_double, b_U=_double),
    Mistake("bias negated", "The bias is subtracted.")
    .to_fix("add the bias")
    .when("bias")
    .change_weights(b_W=np.negative, b_U=np.negative),
    Mistake("bias rolled", "The bias belongs to the neighbouring unit.")
    .to_fix("keep one order of units in W, U and b")
    .when("bias", "several_units")
    .change_gates(b_W=_roll, b_U=_roll),
    Mistake("bias after activation", "The bias is added after the activation.")
    .to_fix("activation(W x + U h + b): the bias stands inside")
    .of("rnn")
    .when("bias")
    .change(step=_late),
)
