"""Makes a failing case small: fewer layers, rows, steps, units, features, then simple numbers."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from references.case import ALL, WEIGHTS, Case, CellWeights

CALLS = 600
SECONDS = 20.0
Build = Callable[[], Case]
MANY = 64  # units, features, rows or steps up to so many are left out one at a time
FEW = 24  # arrays of at most so many numbers are simplified one number at a time


@dataclass
class _Trials:
    """Tries candidates until so many calls are made or the time has come."""

    fails: Callable[[Case], bool]
    calls: int
    end: float

    def first(self, candidates: Iterable[Build], position: int) -> tuple[int, Case] | None:
        """The first candidate from `position` on that fails, and its position."""
        for number, build in enumerate(islice(candidates, position, None), position):
            if self.calls == 0 or time.monotonic() > self.end:
                return None
            self.calls -= 1
            candidate = build()
            if self.fails(candidate):
                return number, candidate
        return None


def shrink(
    case: Case, fails: Callable[[Case], bool], calls: int = CALLS, seconds: float = SECONDS
) -> Case:
    """The smallest case that still `fails`, as far as so many trials and seconds reach.

    It is the case itself where nothing smaller fails.
    """
    trials = _Trials(fails, calls, time.monotonic() + seconds)
    before = None
    while before is not case:
        before = case
        for candidates in (_sizes, _values):
            position = 0  # a change that helps leaves the later ones about where they were
            while smaller := trials.first(candidates(case), position):
                position, case = smaller
    return case


def _sizes(case: Case) -> Iterator[Build]:
    """Smaller cases, the boldest first; each is built when it is tried."""
    config = case.config
    batch, steps, units, features = case.batch, case.time, config.hidden_size, config.input_size
    if case.mask is not None:
        yield partial(replace, case, mask=None, masked_output="repeat", origin="")
    for count in range(1, config.num_layers):
        yield partial(_lowest, case, count)
    for direction in range(2) if config.bidirectional else ():
        yield partial(_one_direction, case, direction)
    if config.go_backwards:
        yield partial(replace, case, config=replace(config, go_backwards=False), origin="")
    for size, cut in (
        (batch, Case.take_rows),
        (steps, Case.take_steps),
        (units, _units),
        (features, _features),
    ):
        for part in _parts(size):
            yield partial(cut, case, part)
    for part in _parts(batch) if batch == steps else ():
        yield partial(_rows_and_steps, case, part)
    for part in _parts(units) if units == features else ():
        yield partial(_units_and_features, case, part)
    if config.bias and not any(cell.b_W.any() or cell.b_U.any() for cell in case.weights):
        yield partial(replace, case, config=replace(config, bias=False), origin="")


def _lowest(case: Case, count: int) -> Case:
    return replace(case.first_layers(count), origin="")


def _parts(size: int) -> Iterator[np.ndarray]:
    """Index sets: the first one, the last one, halves, then all but one."""
    if size > 1:
        yield np.array([0])
        yield np.array([size - 1])
    if size > 2:
        yield np.arange(size // 2)
        yield np.arange(size // 2, size)
    if 3 < size <= MANY:
        for index in range(size):
            yield np.delete(np.arange(size), index)
    elif size == 3:
        yield np.array([0, 2])


def _units(case: Case, units: np.ndarray) -> Case:
    config, H, D = case.config, case.config.hidden_size, case.config.num_directions
    below = np.concatenate([units + direction * H for direction in range(D)])
    cells = []
    for index, cell in enumerate(case.weights):
        rows = np.concatenate([units + gate * H for gate in range(cell.gates)])
        columns = np.arange(config.input_size) if index < D else below
        W, U = cell.W[np.ix_(rows, columns)], cell.U[np.ix_(rows, units)]
        cells.append(CellWeights(W, U, cell.b_W[rows], cell.b_U[rows]))
    states = dict.fromkeys(("h_0", "c_0"), (ALL, ALL, units))
    smaller = replace(config, hidden_size=len(units))
    return case.cut(states, config=smaller, weights=tuple(cells))


def _features(case: Case, features: np.ndarray) -> Case:
    D = case.config.num_directions
    lowest = tuple(replace(cell, W=cell.W[:, features]) for cell in case.weights[:D])
    config = replace(case.config, input_size=len(features))
    indices = {"inputs": (ALL, ALL, features)}
    return case.cut(indices, config=config, weights=lowest + case.weights[D:])


def _rows_and_steps(case: Case, part: np.ndarray) -> Case:
    return case.take_rows(part).take_steps(part)


def _units_and_features(case: Case, part: np.ndarray) -> Case:
    return _features(_units(case, part), part)


def _one_direction(case: Case, direction: int) -> Case:
    """The case with the weights and states of one direction alone, which then runs forward."""
    config, H = replace(case.config, bidirectional=False), case.config.hidden_size
    lowest, *others = case.weights[direction::2]
    own = slice(direction * H, (direction + 1) * H)
    cells = (lowest, *(replace(cell, W=cell.W[:, own]) for cell in others))
    states = dict.fromkeys(("h_0", "c_0"), slice(direction, None, 2))
    return case.cut(states, config=config, weights=cells)


def _values(case: Case) -> Iterator[Build]:
    """Simpler numbers: whole arrays to zero, one, or rounded; then one number at a time.

    It never goes back: 0 is simpler than 1.
    """
    for name, array, rebuild in _arrays(case):
        if array.any():
            yield partial(rebuild, np.zeros_like(array))
        if ((array != 0) & (array != 1)).any() and name != "U":
            yield partial(rebuild, np.ones_like(array))
        rounded = np.round(array)
        if (rounded != array).any():
            yield partial(rebuild, rounded)
    for _, array, rebuild in _arrays(case):
        for index in np.ndindex(array.shape) if array.size <= FEW else ():
            for simpler in _simpler(float(array[index])):
                changed = array.copy()
                changed[index] = simpler
                yield partial(rebuild, changed)


def _simpler(value: float) -> tuple[float, ...]:
    """0, 1, -1, the nearest integer, half of it: each only where it is simpler than the value."""
    if value in (0, 1):
        return (0.0,)[: int(value)]
    if value == -1:
        return (0.0, 1.0)
    nearest = float(round(value))
    if nearest != value:
        return (0.0, 1.0, -1.0, nearest)
    return (0.0, 1.0, -1.0, float(int(value / 2)))[: 4 if abs(value) > 2 else 3]


def _arrays(case: Case) -> Iterator[tuple[str, np.ndarray, Callable[[np.ndarray], Case]]]:
    """Every array, and the function that builds the case with another one in its place."""
    for name in ("inputs", "h_0", *(() if case.c_0 is None else ("c_0",))):
        yield name, getattr(case, name), partial(_with, case, name)
    names = [name for name in WEIGHTS if case.config.bias or not name.startswith("b_")]
    for index, cell in enumerate(case.weights):
        for name in names:
            yield name, getattr(cell, name), partial(_with_weights, case, index, name)


def _with(case: Case, name: str, array: np.ndarray) -> Case:
    changes: dict[str, Any] = {name: array}
    return replace(case, **changes, origin="")


def _with_weights(case: Case, index: int, name: str, array: np.ndarray) -> Case:
    cells = list(case.weights)
    cells[index] = replace(cells[index], **{name: array})
    return replace(case, weights=tuple(cells), origin="")
