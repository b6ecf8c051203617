"""Right variants of the loop: they compute the same, but round differently."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from harness.mistakes.mistake import Edits, Run, run
from references import REFERENCES, installed, load
from references.cells.walk import Moment

WIDER: dict[str, Any] = {"float32": np.float64, "float64": np.longdouble}
BLOCK = 4  # products, of which each has a sum of its own


def right_variants(frameworks: Sequence[str] | None = None) -> dict[str, Run]:
    """The loop with its sums in other orders, and these references: None for all installed ones.

    Imports the frameworks. The names are those of RIGHT, and those that `load` takes.
    """
    if frameworks is None:
        frameworks = [name for name in installed() if REFERENCES[name].needs]
    return RIGHT | {name: load(_fast(name)) for name in frameworks}


def _fast(name: str) -> str:
    return f"{name}/{REFERENCES[name].fast}" if REFERENCES[name].fast else name


def _by_step(step: Callable[[Moment], np.ndarray]) -> Run:
    return lambda case: run(case, Edits(step=step))


def _by_sum(sum_of: Callable[[Moment], np.ndarray]) -> Run:
    """A step that computes W x + U h + b in another way."""
    return _by_step(lambda now: now.p.activation(sum_of(now)))


def _from_the_other_end(now: Moment) -> Any:
    W, U = (np.ascontiguousarray(array[:, ::-1]) for array in (now.weights.W, now.weights.U))
    x, h = (np.ascontiguousarray(array[::-1]) for array in (now.input_t, now.state_t))
    return now.p.b_h + np.dot(U, h) + np.dot(W, x)


def _one_product(now: Moment) -> Any:
    stacked = np.concatenate([now.weights.W, now.weights.U], axis=1)
    return np.dot(stacked, np.concatenate([now.input_t, now.state_t])) + now.p.b_h


def _in_blocks(now: Moment) -> Any:
    pairs = ((now.weights.W, now.input_t), (now.weights.U, now.state_t))
    blocks = [
        np.dot(matrix[:, start : start + BLOCK], column[start : start + BLOCK])
        for matrix, column in pairs
        for start in range(0, matrix.shape[1], BLOCK)
    ]
    return reduce(np.add, blocks) + now.p.b_h


def _in_rows(now: Moment) -> Any:
    rows = np.dot(now.input_t.T, now.weights.W.T) + now.p.b_h[:, 0]
    return (rows + np.dot(now.state_t.T, now.weights.U.T)).T


def _in_a_wider_format(now: Moment) -> Any:
    dtype = WIDER[now.part.case.config.dtype]
    W, U, b, x, h = (
        array.astype(dtype)
        for array in (now.weights.W, now.weights.U, now.p.b_h, now.input_t, now.state_t)
    )
    return np.dot(W, x) + np.dot(U, h) + b


RIGHT: dict[str, Run] = {
    "sums from the other end": _by_sum(_from_the_other_end),
    "sums in blocks": _by_sum(_in_blocks),
    "one product with [W U]": _by_sum(_one_product),
    "the batch in rows": _by_sum(_in_rows),
    "a wider format inside": _by_sum(_in_a_wider_format),
}
