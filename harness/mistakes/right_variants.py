"""Right variants of the loop: they compute the same, but round differently."""

from collections.abc import Callable, Sequence
from functools import reduce
from types import SimpleNamespace
from typing import Any

import numpy as np

from harness.mistakes.families import gru, lstm
from harness.mistakes.mistake import NOTHING, Edits, Run, run
from references import REFERENCES, default_frameworks, load
from references.cells import CELLS
from references.cells.activations import sigmoid
from references.cells.walk import Moment, States

WIDER: dict[str, Any] = {"float32": np.float64, "float64": np.longdouble}
BLOCK = 4  # products, of which each has a sum of its own

Dot = Callable[[np.ndarray, np.ndarray], np.ndarray]


def right_variants(frameworks: Sequence[str] | None = None) -> dict[str, Run]:
    """The loop with its sums in other orders, and these references: None for all installed ones.

    Imports the frameworks. The names are those of RIGHT, and those that `load` takes.
    """
    if frameworks is None:
        frameworks = default_frameworks()
    return RIGHT | {name: load(_fast(name)) for name in frameworks}


def _fast(name: str) -> str:
    return f"{name}/{REFERENCES[name].fast}" if REFERENCES[name].fast else name


class Ordered(np.ndarray):
    """An array whose `np.dot` adds up in an order of its own."""

    dot_of: Dot

    def __array_finalize__(self, other: Any) -> None:
        self.dot_of = getattr(other, "dot_of", np.dot)

    def __array_function__(self, function: Any, types: Any, operands: Any, options: Any) -> Any:
        plain = [np.asarray(one) if isinstance(one, Ordered) else one for one in operands]
        if function is np.dot:
            return ordered(self.dot_of(*plain), self.dot_of)
        return function(*plain, **options)


def ordered(array: np.ndarray, dot: Dot) -> Ordered:
    """The array with that dot."""
    view = np.asarray(array).view(Ordered)
    view.dot_of = dot
    return view


def from_the_other_end(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    """W x, added up from the last term to the first."""
    return np.asarray(np.dot(np.ascontiguousarray(W[:, ::-1]), np.ascontiguousarray(x[::-1])))


def one_by_one(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    """W x, one column of W after the other, from the last to the first."""
    terms = (W[:, k, np.newaxis] * x[k] for k in reversed(range(W.shape[1])))
    return reduce(np.add, terms, np.zeros((len(W), x.shape[1]), W.dtype))


def in_order(now: Moment, dot: Dot) -> Moment:
    """The moment with arrays whose `np.dot` is this one."""
    return _each(now, lambda array: ordered(array, dot))


def edits_in_order(edits: Edits, dot: Dot) -> Edits:
    """The same edits of a loop whose `np.dot` is this one."""

    def step(now: Moment) -> States:
        return tuple(map(np.asarray, edits.new_states(in_order(now, dot))))

    return edits._replace(step=step)


def _each(now: Moment, change: Callable[[np.ndarray], np.ndarray]) -> Moment:
    """Changes the weights, what the step reads and the states before it."""
    blocks = {
        name: change(array) if isinstance(array, np.ndarray) else array
        for name, array in vars(now.p).items()
    }
    states = tuple(map(change, now.states))
    return now._replace(p=SimpleNamespace(**blocks), input_t=change(now.input_t), states=states)


def _by_sum(sum_of: Callable[[Moment], np.ndarray], gated: Callable[[Moment], States]) -> Run:
    """A step that computes W x + U h + b in another way; so does that of a cell with gates."""

    def step(now: Moment) -> Any:
        if now.part.case.config.cell == "rnn":
            return now.p.activation(sum_of(now))
        return tuple(map(np.asarray, gated(now)))

    return lambda case: run(case, Edits(step=step))


def _by_dot(dot: Dot) -> Callable[[Moment], States]:
    return edits_in_order(NOTHING, dot).new_states


def _sum_from_the_other_end(now: Moment) -> Any:
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


def _dot_in_blocks(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    starts = range(0, W.shape[1], BLOCK)
    blocks = [np.dot(W[:, start : start + BLOCK], x[start : start + BLOCK]) for start in starts]
    return np.asarray(reduce(np.add, blocks))


def _dot_in_rows(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.asarray(np.dot(np.ascontiguousarray(x.T), np.ascontiguousarray(W.T)).T)


def _gates_at_once(now: Moment) -> States:
    """One product with [W U] of all gates; a GRU's candidate keeps its two products apart."""
    x, h = now.input_t, now.state_t
    stacked = np.concatenate([now.weights.W, now.weights.U], axis=1)
    b = np.concatenate([getattr(now.p, f"b_{gate}") for gate in _gates(now)])
    first, second, *rest = np.split(np.dot(stacked, np.concatenate([x, h])) + b, len(_gates(now)))
    if now.part.case.config.cell == "gru":
        return gru.Step(gates=lambda *_: (sigmoid(first), sigmoid(second)))(now)
    return lstm.Step(sums=lambda _: (first, second, rest[0], rest[1]))(now)


def _gates(now: Moment) -> tuple[str, ...]:
    gates: tuple[str, ...] = CELLS[now.part.case.config.cell].GATES
    return gates


def _wide(now: Moment) -> States:
    dtype = WIDER[now.part.case.config.dtype]
    new: States = _each(now, lambda array: array.astype(dtype)).equation()
    return new


RIGHT: dict[str, Run] = {
    "sums from the other end": _by_sum(_sum_from_the_other_end, _by_dot(from_the_other_end)),
    "sums in blocks": _by_sum(_in_blocks, _by_dot(_dot_in_blocks)),
    "one product with [W U]": _by_sum(_one_product, _gates_at_once),
    "the batch in rows": _by_sum(_in_rows, _by_dot(_dot_in_rows)),
    "a wider format inside": _by_sum(_in_a_wider_format, _wide),
}
