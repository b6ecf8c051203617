"""Weights put down the wrong way round."""

from dataclasses import replace

import numpy as np

from harness.draw.features import has
from harness.mistakes.mistake import Mistake, each_cell, hidden
from references.case import Case

KERNEL = "Keras' kernel (I, H) has inputs on its first axis: copy W.T; torch's weight_ih (H, I) is W itself"
RECURRENT = (
    "Keras' recurrent_kernel has inputs on its first axis: copy U.T; torch's weight_hh is U itself"
)


def _square(case: Case) -> bool:
    return hidden(case) > 1 and all(cell.W.shape == cell.U.shape for cell in case.weights)


MISTAKES = (
    Mistake(
        "U transposed",
        "layout",
        "U is used as its own transpose.",
        RECURRENT,
        has("several_units"),
        each_cell(lambda c: replace(c, U=c.U.T)),
    ),
    Mistake(
        "W transposed",
        "layout",
        "W, square here, is used as its transpose.",
        KERNEL,
        _square,
        each_cell(lambda c: replace(c, W=c.W.T)),
    ),
    Mistake(
        "W reshaped",
        "layout",
        "W is reshaped to (I, H) where it should be transposed.",
        "use W.T, never W.reshape(I, H)",
        has("several_units", "several_inputs"),
        each_cell(lambda c: replace(c, W=c.W.reshape(c.W.shape[::-1]).T)),
    ),
    Mistake(
        "W units reversed",
        "layout",
        "The rows of W are in another order than those of U and b.",
        "keep one order of units in all weights",
        has("several_units"),
        each_cell(lambda c: replace(c, W=c.W[::-1])),
    ),
    Mistake(
        "U rows reversed",
        "layout",
        "The rows of U are in another order than those of W and b.",
        "keep one order of units in all weights",
        has("several_units"),
        each_cell(lambda c: replace(c, U=c.U[::-1])),
    ),
    Mistake(
        "U columns reversed",
        "layout",
        "U reads the state's units in another order.",
        "keep one order of units in all weights",
        has("several_units"),
        each_cell(lambda c: replace(c, U=c.U[:, ::-1])),
    ),
    Mistake(
        "features permuted",
        "layout",
        "W reads the input's features in another order.",
        "keep the features of W and of the inputs in one order",
        has("several_inputs"),
        each_cell(lambda c: replace(c, W=c.W[:, ::-1])),
    ),
    Mistake(
        "U lower triangular",
        "layout",
        "Only the lower triangle of U is used.",
        "use the whole of U",
        has("several_units"),
        each_cell(lambda c: replace(c, U=np.tril(c.U))),
    ),
    Mistake(
        "U upper triangular",
        "layout",
        "Only the upper triangle of U is used.",
        "use the whole of U",
        has("several_units"),
        each_cell(lambda c: replace(c, U=np.triu(c.U))),
    ),
    Mistake(
        "U diagonal",
        "layout",
        "Only the diagonal of U is used.",
        "multiply the state by U as a matrix, not element by element",
        has("several_units"),
        each_cell(lambda c: replace(c, U=np.diag(np.diag(c.U)))),
    ),
    Mistake(
        "U identity",
        "layout",
        "The state is added as it is, without U.",
        "multiply the state by U",
        lambda case: True,
        each_cell(lambda c: replace(c, U=np.eye(len(c.U), dtype=c.U.dtype))),
    ),
    Mistake(
        "W and U swapped",
        "layout",
        "W, square here, multiplies the state and U the input.",
        "kernel and weight_ih are W; recurrent_kernel and weight_hh are U",
        _square,
        each_cell(lambda c: replace(c, W=c.U, U=c.W)),
    ),
    Mistake(
        "last feature unread",
        "layout",
        "The last input feature is left out.",
        "read all I features: check the end of the inner loop",
        has("several_inputs"),
        each_cell(
            lambda c: replace(
                c, W=np.where(np.arange(c.W.shape[1]) == c.W.shape[1] - 1, 0, c.W).astype(c.W.dtype)
            )
        ),
    ),
)
