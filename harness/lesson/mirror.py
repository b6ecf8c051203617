"""Chapter 2: where each number of W, U and the biases is in the frameworks, by looking for it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from harness.draw.bits import seeded
from references import REFERENCES, module
from references.case import WEIGHTS, Case, CellWeights, Config

# Small enough to see, and different, so that a transposed W shows in its shape.
INPUTS, UNITS = 2, 3
LOOP = "The loop"


class Entry(NamedTuple):
    """One number in one array."""

    place: tuple[int, ...]
    value: float
    sources: tuple[str, ...]  # the loop's numbers in it: one, or two where biases are folded


class Matrix(NamedTuple):
    """One array of one panel."""

    name: str
    shape: tuple[int, ...]
    how: str  # copied, transposed, folded
    rows: tuple[tuple[Entry, ...], ...]


class Mirror(NamedTuple):
    """The arrays of the loop and of each framework, by title."""

    panels: Mapping[str, tuple[Matrix, ...]]
    homes: Mapping[str, str]  # the loop's number -> where it is in each framework, in words


def mirror(names: tuple[str, ...]) -> Mirror:
    """Reads weights back from these frameworks; for none, writes the layouts of all by rule."""
    case = example_case()
    (cell,) = case.weights
    sources = _sources(cell)
    arrays = {LOOP: cell.arrays()}
    for name, row in REFERENCES.items():
        if name in names and hasattr(module(name), "mirror"):
            own = module(name).mirror
            arrays[row.title] = own.arrays(own.write(case))
        elif row.layout and not names:
            arrays[row.title] = {array: by_rule(rule, cell) for array, rule in row.layout}
    panels = {
        title: tuple(_matrix(name, array, sources) for name, array in group.items())
        for title, group in arrays.items()
    }
    loop = panels.pop(LOOP)
    homes = {
        entry.sources[0]: "; ".join(_homes(entry.sources[0], panels))
        for matrix in loop
        for entry in _entries(matrix)
    }
    return Mirror({LOOP: loop, **panels}, homes)


def example_case() -> Case:
    """Weights that all differ, from one another and from every sum of two biases."""
    shapes = ((UNITS, INPUTS), (UNITS, UNITS), (UNITS,), (UNITS,))
    seed = 0
    while True:
        bits = seeded(seed)
        cell = CellWeights(*((bits.up_to(40, *s) / 8).astype(np.float32) for s in shapes))
        if 0 not in _sources(cell) and len(_sources(cell)) == sum(map(np.prod, shapes)) + UNITS:
            return Case(Config(INPUTS, UNITS), (cell,), np.zeros((1, 1, INPUTS), "float32"))
        seed += 1


def by_rule(rule: str, cell: CellWeights) -> np.ndarray:
    """The array of a rule in a row of REFERENCES, such as "W", "W.T" or "b_W + b_U"."""
    arrays = cell.arrays()
    arrays |= {f"{name}.T": array.T for name, array in arrays.items()}
    return np.asarray(sum(arrays[term] for term in rule.split(" + ")))


def _sources(cell: CellWeights) -> dict[float, tuple[str, ...]]:
    """By value: the name of the loop's number, or of the two biases of which it is the sum."""
    sources = {
        float(value): (f"{name}{list(index)}",)
        for name, array in cell.arrays().items()
        for index, value in np.ndenumerate(array)
    }
    return sources | {
        float(value): tuple(f"{name}[{unit}]" for name in WEIGHTS[2:])
        for unit, value in enumerate(cell.b_W + cell.b_U)
    }


def _matrix(name: str, array: np.ndarray, sources: Mapping[float, tuple[str, ...]]) -> Matrix:
    entries = [
        Entry(index, float(value), sources.get(float(value), ()))
        for index, value in np.ndenumerate(array)
    ]
    width = array.shape[-1]
    rows = tuple(tuple(entries[at : at + width]) for at in range(0, len(entries), width))
    return Matrix(name, array.shape, "" if name in WEIGHTS else _how(entries), rows)


def _entries(matrix: Matrix) -> Iterator[Entry]:
    return (entry for row in matrix.rows for entry in row)


def _how(entries: Iterable[Entry]) -> str:
    if not all(entry.sources for entry in entries):
        return "not found"
    if any(len(entry.sources) > 1 for entry in entries):
        return "folded"
    for how, order in (("copied", 1), ("transposed", -1)):
        if all(entry.sources[0].endswith(str(list(entry.place[::order]))) for entry in entries):
            return how
    return "rearranged"


def _homes(source: str, panels: Mapping[str, tuple[Matrix, ...]]) -> Iterator[str]:
    for title, matrices in panels.items():
        for matrix in matrices:
            for entry in _entries(matrix):
                if source in entry.sources:
                    other = [name for name in entry.sources if name != source]
                    how = ", added to ".join([matrix.how, *other])
                    yield f"{title} {matrix.name}{list(entry.place)} ({how})"
