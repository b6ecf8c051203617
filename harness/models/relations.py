"""Relates the arrays of two layers: equal but for their layout, or what B has instead of A's.

Arrays are compared in the form of a Case, with gates in torch's order, whatever they are called.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from harness.models.likeness import Array, Candidate, candidates, equal, likeness, place_of
from references import REFERENCES
from references.arrays import sum_error
from references.case import CellWeights, Config
from references.cells import CELLS
from references.layer import Layer


class Relation(NamedTuple):
    """An array of A and the one of B in the same place, by their names, and how they relate.

    It `holds` where they are equal but for layout, or where one is the sum of two, rounded once.
    """

    place: str
    a: str
    b: str
    words: str
    holds: bool


def relations(a: Layer, b: Layer) -> tuple[Relation, ...]:
    """Relates each array of A to the one of B in the same place, lowest layer first.

    Both layers have the same cell, sizes, layers and directions.
    """
    return tuple(
        Relation(place_of(a.config, index), *row)
        for index in range(len(a.weights))
        for row in (*_matrices(a, b, index), *_biases(a, b, index))
    )


def _matrices(a: Layer, b: Layer, index: int) -> Iterator[tuple[str, str, str, bool]]:
    for name in ("W", "U"):
        ours, theirs = (getattr(layer.weights[index], name) for layer in (a, b))
        holds = equal(ours, theirs)
        words = _layout(a, b, matrix=True) if holds else _unlike(a, index, name, ours, theirs)
        yield a.names[index][name], b.names[index][name], words, holds


def _biases(a: Layer, b: Layer, index: int) -> Iterator[tuple[str, str, str, bool]]:
    names = _bias_names(a, index), _bias_names(b, index)
    cells = a.weights[index], b.weights[index]
    together = " + ".join(names[0]), " + ".join(names[1])
    if not all(names):
        if any(names):
            yield *together, *_none(cells, "B" if names[0] else "A")
    elif len(names[0]) != len(names[1]):
        yield *together, *_fold(a, index, cells, len(names[0]) == 2)
    elif len(names[0]) == 2 and not _same_biases(*cells) and _same_sums(a.config, *cells):
        count = int(np.count_nonzero(_errors(cells[0]) | _errors(cells[1])))
        yield *together, *_folds(count, cells[0].b_W.size)
    else:
        for name, ours, theirs in zip(("b_W", "b_U"), *names, strict=False):
            one, other = (getattr(cell, name) for cell in cells)
            holds = equal(one, other)
            yield (
                ours,
                theirs,
                _layout(a, b) if holds else _unlike(a, index, name, one, other),
                holds,
            )


def _bias_names(layer: Layer, index: int) -> tuple[str, ...]:
    """The names of its biases: none, one that stands for both, or two."""
    names = layer.names[index]
    return tuple(dict.fromkeys(names[name] for name in ("b_W", "b_U") if name in names))


def _none(cells: tuple[CellWeights, CellWeights], side: str) -> tuple[str, bool]:
    """What is said where one side has no bias: zeros are none."""
    holds = not any(bias.any() for cell in cells for bias in (cell.b_W, cell.b_U))
    return (f"zeros, and {side} has none" if holds else f"{side} has none"), holds


def _fold(
    a: Layer, index: int, cells: tuple[CellWeights, CellWeights], is_two: bool
) -> tuple[str, bool]:
    """Relates two biases to one that stands for both: their sum, rounded once.

    `is_two` tells whether A is the one with two. Where a GRU resets the second, no sum is the same.
    """
    two, one = cells if is_two else cells[::-1]
    total = two.b_W + two.b_U
    if _same_sums(a.config, two, one):
        return _folds(int(np.count_nonzero(_errors(two))), total.size)
    if equal(total, one.b_W):
        where = "at gate n, too, where the reset acts on the second alone"
        return f"{'B' if is_two else 'A'} has the sum of both {where}", False
    alone: list[Candidate] = [
        ("the first alone", lambda: two.b_W),
        ("the second alone", lambda: two.b_U),
    ]
    ours, theirs = (total, one.b_W) if is_two else (one.b_W, total)
    more = candidates(a, index, "b_W", ours)
    return likeness(ours, theirs, [*(alone if is_two else ()), *more]), False


def _folds(count: int, size: int) -> tuple[str, bool]:
    return f"folded: rounded once in {count:,} of {size:,} entries", True


def _same_biases(one: CellWeights, other: CellWeights) -> bool:
    return equal(one.b_W, other.b_W) and equal(one.b_U, other.b_U)


def _same_sums(config: Config, one: CellWeights, other: CellWeights) -> bool:
    """Tells whether both add the same to each gate; what a GRU resets stays apart from what not."""
    apart = config.cell == "gru" and config.reset_after
    end = 2 * config.hidden_size if apart else one.b_W.size  # n comes last of r, z, n
    sums = equal((one.b_W + one.b_U)[:end], (other.b_W + other.b_U)[:end])
    return sums and equal(one.b_W[end:], other.b_W[end:]) and equal(one.b_U[end:], other.b_U[end:])


def _errors(cell: CellWeights) -> Array:
    """Where the sum of both biases leaves something out."""
    return np.asarray(sum_error(cell.b_W, cell.b_U) != 0)


def _unlike(a: Layer, index: int, name: str, ours: Array, theirs: Array) -> str:
    return likeness(ours, theirs, candidates(a, index, name, ours))


def _layout(a: Layer, b: Layer, matrix: bool = False) -> str:
    """What lies between equal arrays: nothing, transposing, another order of gates."""
    steps = []
    if matrix and _is_transposed(a) != _is_transposed(b):
        steps.append("transposing")
    if order_of(a) != order_of(b):
        steps.append("reordering gates")
    after = f" after {' and '.join(steps)}" if steps else ""
    dtypes = [layer.config.dtype for layer in (a, b)]
    return f"equal{after}" + (f", in {' and '.join(dtypes)}" if len(set(dtypes)) > 1 else "")


def _is_transposed(layer: Layer) -> bool:
    row = REFERENCES.get(layer.framework)
    return row is not None and any(ours == "W.T" for _, ours in row.layout)


def order_of(layer: Layer) -> tuple[str, ...]:
    """The gates in the order in which the layer's framework has them."""
    cell, row = layer.config.cell, REFERENCES.get(layer.framework)
    gates: tuple[str, ...] = CELLS[cell].GATES
    return row.gates.get(cell, gates) if row else gates
