"""Chapter 2: where each number of W, U and b goes in the frameworks, found by looking for it there."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from harness.draw.bits import Bits, seeded
from references import REFERENCES, module
from references.case import Case, CellWeights, Config

INPUTS, UNITS = (
    2,
    3,
)  # small enough to see, and different, so that a transposed W shows in its shape


class Entry(NamedTuple):
    """One number in one array."""

    at: tuple[int, ...]
    value: float
    sources: tuple[
        str, ...
    ]  # the loop's numbers that it holds: one, or two where biases are folded


class Matrix(NamedTuple):
    """One array of one panel."""

    name: str
    shape: tuple[int, ...]
    how: str  # copied, transposed, folded
    rows: tuple[tuple[Entry, ...], ...]


class Mirror(NamedTuple):
    """The arrays of the loop and of each framework, by title."""

    panels: Mapping[str, tuple[Matrix, ...]]
    homes: Mapping[str, str]  # the loop's number -> where it stands everywhere, in words


def mirror(names: tuple[str, ...]) -> Mirror:
    """Reads the weights back from the frameworks named; where none is, their layout is written down by rule."""
    case = example()
    (cell,) = case.weights
    own = cell.arrays()
    sources = {
        _name(name, at): float(array[at])
        for name, array in own.items()
        for at in np.ndindex(array.shape)
    }
    arrays = {"The loop": own}
    for name, row in REFERENCES.items():
        if name in names and hasattr(module(name), "mirror"):
            arrays[row.title] = _read_back(module(name).mirror, case)
        elif not names and row.layout:
            arrays[row.title] = {array: by_rule(own, rule) for array, rule in row.layout}
    panels = {
        title: tuple(_matrix(name, array, sources, own) for name, array in group.items())
        for title, group in arrays.items()
    }
    return Mirror(panels, {source: "; ".join(_homes(source, panels)) for source in sources})


def example() -> Case:
    """Weights that are all different, and different from every sum of two biases: the first such draw."""
    seed = 0
    while True:
        bits = seeded(seed)
        cell = CellWeights(
            *(
                _eighths(bits, *shape)
                for shape in ((UNITS, INPUTS), (UNITS, UNITS), (UNITS,), (UNITS,))
            )
        )
        values = np.concatenate(
            [array.ravel() for array in (cell.W, cell.U, cell.b_W, cell.b_U, cell.b_W + cell.b_U)]
        )
        if len(set(values.tolist())) == values.size and values.all():
            return Case(Config(INPUTS, UNITS), (cell,), np.zeros((1, 1, INPUTS), "float32"))
        seed += 1


def _eighths(bits: Bits, *shape: int) -> np.ndarray:
    return (bits.up_to(40, *shape) / 8).astype(np.float32)


def _read_back(mirror: Any, case: Case) -> dict[str, np.ndarray]:
    """The arrays by the framework's names, from a layer that holds the case's weights."""
    arrays: dict[str, np.ndarray] = mirror.arrays(mirror.write(case))
    return arrays


def by_rule(own: Mapping[str, np.ndarray], rule: str) -> np.ndarray:
    """The array of a rule such as "W", "W.T" or "b_W + b_U"."""
    terms = [
        own[term] if term in own else own[term.removesuffix(".T")].T for term in rule.split(" + ")
    ]
    return np.sum(terms, axis=0) if len(terms) > 1 else terms[0]


def _matrix(
    name: str, array: np.ndarray, sources: Mapping[str, float], own: Mapping[str, np.ndarray]
) -> Matrix:
    grid = array if array.ndim == 2 else array[np.newaxis]
    rows = []
    for row, line in enumerate(grid):
        at = [(row, column) if array.ndim == 2 else (column,) for column in range(len(line))]
        rows.append(
            tuple(
                Entry(place, float(value), _found(float(value), sources))
                for place, value in zip(at, line, strict=True)
            )
        )
    return Matrix(name, array.shape, "" if name in own else _how(tuple(rows)), tuple(rows))


def _found(value: float, sources: Mapping[str, float]) -> tuple[str, ...]:
    """The loop's number of this value, or the two biases of this sum."""
    single = [name for name, number in sources.items() if number == value]
    if single:
        return tuple(single)
    pairs = [(f"b_W[{unit}]", f"b_U[{unit}]") for unit in range(UNITS)]
    return next((pair for pair in pairs if sources[pair[0]] + sources[pair[1]] == value), ())


def _how(rows: tuple[tuple[Entry, ...], ...]) -> str:
    entries = [entry for row in rows for entry in row]
    if any(not entry.sources for entry in entries):
        return "not found"
    if any(len(entry.sources) > 1 for entry in entries):
        return "folded"
    same = all(
        _name(entry.sources[0].partition("[")[0], entry.at) == entry.sources[0] for entry in entries
    )
    return "copied" if same else "transposed"


def _homes(source: str, panels: Mapping[str, tuple[Matrix, ...]]) -> Iterator[str]:
    for title, matrices in list(panels.items())[1:]:
        for matrix in matrices:
            for entry in (entry for row in matrix.rows for entry in row if source in entry.sources):
                other = [name for name in entry.sources if name != source]
                added = f", added to {other[0]}" if other else ""
                yield f"{title} {_name(matrix.name, entry.at)} ({matrix.how}{added})"


def _name(name: str, at: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, at))}]"
