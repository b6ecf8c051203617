"""Biases dropped, doubled, moved or added in the wrong place."""

from dataclasses import replace

import numpy as np

from harness.draw.features import has
from harness.mistakes.mistake import Edits, Mistake, activate, each_cell
from references.cells.walk import Moment


def _late(now: Moment) -> np.ndarray:
    b = (now.weights.b_W + now.weights.b_U)[:, np.newaxis]
    return np.asarray(
        activate(now, np.dot(now.weights.W, now.input_t) + np.dot(now.weights.U, now.state_t)) + b
    )


TWO = "torch and ONNX have two biases: add both, or fold bias_ih + bias_hh into Keras' one bias"
MISTAKES = (
    Mistake(
        "b_W dropped",
        "bias",
        "The bias that goes with W is left out.",
        TWO,
        has("bias"),
        each_cell(lambda c: replace(c, b_W=c.b_W * 0)),
    ),
    Mistake(
        "b_U dropped",
        "bias",
        "The bias that goes with U is left out.",
        TWO,
        has("bias"),
        each_cell(lambda c: replace(c, b_U=c.b_U * 0)),
    ),
    Mistake(
        "bias dropped",
        "bias",
        "Both biases are left out.",
        "add b_W + b_U; check bias=True (torch) or use_bias=True (Keras)",
        has("bias"),
        each_cell(lambda c: replace(c, b_W=c.b_W * 0, b_U=c.b_U * 0)),
    ),
    Mistake(
        "b_W doubled",
        "bias",
        "The bias that goes with W is added twice.",
        "when folding, set one bias to the sum and the other to zero",
        has("bias"),
        each_cell(lambda c: replace(c, b_W=c.b_W * 2)),
    ),
    Mistake(
        "b_U doubled",
        "bias",
        "The bias that goes with U is added twice.",
        "when folding, set one bias to the sum and the other to zero",
        has("bias"),
        each_cell(lambda c: replace(c, b_U=c.b_U * 2)),
    ),
    Mistake(
        "bias doubled",
        "bias",
        "Both biases are added twice.",
        "Keras' one bias goes into bias_ih or bias_hh, not into both",
        has("bias"),
        each_cell(lambda c: replace(c, b_W=c.b_W * 2, b_U=c.b_U * 2)),
    ),
    Mistake(
        "bias negated",
        "bias",
        "The bias is subtracted.",
        "add the bias",
        has("bias"),
        each_cell(lambda c: replace(c, b_W=-c.b_W, b_U=-c.b_U)),
    ),
    Mistake(
        "bias rolled",
        "bias",
        "The bias belongs to the neighbouring unit.",
        "keep one order of units in W, U and b",
        has("bias", "several_units"),
        each_cell(lambda c: replace(c, b_W=np.roll(c.b_W, 1), b_U=np.roll(c.b_U, 1))),
    ),
    Mistake(
        "bias after activation",
        "bias",
        "The bias is added after the activation.",
        "activation(W x + U h + b): the bias stands inside",
        has("bias"),
        Edits(step=_late),
    ),
)
