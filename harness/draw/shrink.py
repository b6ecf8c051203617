"""Makes a failing case small: fewer layers, rows, steps, units and features first, then zeros, ones and small integers."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np

from references.case import Case, CellWeights

CALLS = 600
SECONDS = 20.0
Build = Callable[[], Case]
Candidates = Callable[[Case], Iterator[Build]]
MANY = 64  # units, features, rows or steps up to so many are left out one at a time
FEW = 24  # arrays of at most so many numbers are simplified one number at a time


def shrink(
    case: Case, fails: Callable[[Case], bool], calls: int = CALLS, seconds: float = SECONDS
) -> Case:
    """The smallest case found that still `fails`, within so many trials and seconds; the case itself where none is smaller."""
    end = time.monotonic() + seconds
    before = None
    while before is not case:
        before = case
        for candidates in (_sizes, _values):
            position: int | None = (
                0  # a change that helps leaves the later ones where they were, near enough
            )
            while position is not None:
                position, case, calls = _next(case, candidates, position, fails, calls, end)
    return case


def _next(
    case: Case,
    candidates: Candidates,
    position: int,
    fails: Callable[[Case], bool],
    calls: int,
    end: float,
) -> tuple[int | None, Case, int]:
    """The first candidate from `position` on that fails, its position and the calls left; None as position where there is none."""
    for number, build in enumerate(islice(candidates(case), position, None), position):
        if calls == 0 or time.monotonic() > end:
            break
        calls -= 1
        candidate = build()
        if fails(candidate):
            return number, candidate, calls
    return None, case, calls


def _sizes(case: Case) -> Iterator[Build]:
    """Smaller cases, the boldest first; each is built when it is tried."""
    config = case.config
    if case.mask is not None:
        yield partial(replace, case, mask=None, masked_output="repeat", origin="")
    for count in range(1, config.num_layers):
        yield partial(_lowest, case, count)
    if config.bidirectional:
        yield partial(_one_direction, case)
    if config.go_backwards:
        yield partial(replace, case, config=replace(config, go_backwards=False), origin="")
    for size, keep in (
        (case.batch, _rows),
        (case.time, _steps),
        (config.hidden_size, _units),
        (config.input_size, _features),
    ):
        for part in _parts(size):
            yield partial(keep, case, part)
    for part in _parts(case.batch) if case.batch == case.time else ():
        yield partial(_rows_and_steps, case, part)
    for part in _parts(config.hidden_size) if config.hidden_size == config.input_size else ():
        yield partial(_units_and_features, case, part)
    if config.bias and not any(cell.b_W.any() or cell.b_U.any() for cell in case.weights):
        yield partial(replace, case, config=replace(config, bias=False), origin="")


def _lowest(case: Case, count: int) -> Case:
    return replace(case.first_layers(count), origin="")


def _parts(size: int) -> Iterator[np.ndarray]:
    """Index sets to keep: the first one, the last one, halves, then all but one."""
    if size > 1:
        yield np.array([0])
        yield np.array([size - 1])
    if size > 2:
        yield np.arange(size // 2)
        yield np.arange(size // 2, size)
    if 3 < size <= MANY:
        for left_out in range(size):
            yield np.delete(np.arange(size), left_out)
    elif size == 3:
        yield np.array([0, 2])


def _rows(case: Case, kept: np.ndarray) -> Case:
    mask = None if case.mask is None else case.mask[kept]
    return replace(
        case,
        inputs=case.inputs[kept],
        h_0=case.h_0[:, kept],
        mask=mask,
        origin="",
    )


def _steps(case: Case, kept: np.ndarray) -> Case:
    return replace(
        case,
        inputs=case.inputs[:, kept],
        mask=None if case.mask is None else case.mask[:, kept],
        origin="",
    )


def _units(case: Case, kept: np.ndarray) -> Case:
    config, H = case.config, case.config.hidden_size
    below = np.concatenate([kept + direction * H for direction in range(config.num_directions)])
    cells = []
    for index, cell in enumerate(case.weights):
        columns = np.arange(config.input_size) if index < config.num_directions else below
        cells.append(
            CellWeights(
                cell.W[np.ix_(kept, columns)],
                cell.U[np.ix_(kept, kept)],
                cell.b_W[kept],
                cell.b_U[kept],
            )
        )
    smaller = replace(config, hidden_size=len(kept))
    return replace(
        case,
        config=smaller,
        weights=tuple(cells),
        h_0=case.h_0[:, :, kept],
        origin="",
    )


def _features(case: Case, kept: np.ndarray) -> Case:
    D = case.config.num_directions
    lowest = tuple(replace(cell, W=cell.W[:, kept]) for cell in case.weights[:D])
    config = replace(case.config, input_size=len(kept))
    return replace(
        case,
        config=config,
        weights=lowest + case.weights[D:],
        inputs=case.inputs[:, :, kept],
        origin="",
    )


def _rows_and_steps(case: Case, kept: np.ndarray) -> Case:
    return _steps(_rows(case, kept), kept)


def _units_and_features(case: Case, kept: np.ndarray) -> Case:
    return _features(_units(case, kept), kept)


def _one_direction(case: Case) -> Case:
    config = replace(case.config, bidirectional=False)
    cells = []
    for index, cell in enumerate(case.weights[::2]):
        cells.append(cell if index == 0 else replace(cell, W=cell.W[:, : config.hidden_size]))
    return replace(case, config=config, weights=tuple(cells), h_0=case.h_0[::2], origin="")


def _values(case: Case) -> Iterator[Build]:
    """Simpler numbers: whole arrays to zero, one, or rounded; then one number at a time. Never back: 0 is simpler than 1."""
    for name, array, rebuild in _arrays(case):
        if array.any():
            yield partial(rebuild, np.zeros_like(array))
        if ((array != 0) & (array != 1)).any() and name != "U":
            yield partial(rebuild, np.ones_like(array))
        rounded = np.round(array)
        if (rounded != array).any():
            yield partial(rebuild, rounded)
    for _, array, rebuild in _arrays(case):
        if array.size <= FEW:
            for index in np.ndindex(array.shape):
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
    return (
        0.0,
        1.0,
        -1.0,
        *([nearest] if nearest != value else [float(int(value / 2))] if abs(value) > 2 else []),
    )


def _arrays(case: Case) -> Iterator[tuple[str, np.ndarray, Callable[[np.ndarray], Case]]]:
    """Every array of the case with the function that builds the case with another one in its place."""
    for name in ("inputs", "h_0"):
        yield (
            name,
            getattr(case, name),
            lambda array, name=name: replace(case, **{name: array}, origin=""),
        )  # type: ignore[misc]
    for index, cell in enumerate(case.weights):
        for name in ("W", "U", "b_W", "b_U") if case.config.bias else ("W", "U"):
            yield (
                name,
                getattr(cell, name),
                lambda array, index=index, name=name: _with(case, index, name, array),
            )  # type: ignore[misc]


def _with(case: Case, index: int, name: str, array: np.ndarray) -> Case:
    cells = list(case.weights)
    cells[index] = replace(cells[index], **{name: array})
    return replace(case, weights=tuple(cells), origin="")
