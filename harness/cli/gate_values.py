"""Every number inside a gated cell's steps, as the loop's own equation computes it."""

from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from references.case import Case
from references.cells import CELLS
from references.cells.activations import sigmoid
from references.cells.walk import Moment, States, layers, recur


class GatedStep(NamedTuple):
    """One step of the case's first row: each array (H,), the states before it and after it."""

    inputs: np.ndarray  # (I,)
    before: Mapping[str, np.ndarray]  # h, and c of an lstm
    sums: Mapping[str, np.ndarray]  # what each gate's sigmoid or tanh is of
    gates: Mapping[str, np.ndarray]
    after: Mapping[str, np.ndarray]


Notes = list[tuple[np.ndarray, np.ndarray]]


class _Watched(np.ndarray):
    """An array of the equation that notes each sigmoid and tanh: what it is of, and its value."""

    notes: Notes | None

    @classmethod
    def of(cls, array: np.ndarray, notes: Notes) -> "_Watched":
        """A view of the array."""
        view = array.view(cls)
        view.notes = notes
        return view

    def __array_finalize__(self, source: object) -> None:
        self.notes = getattr(source, "notes", None)

    def activate(self, name: str) -> "_Watched":
        """The sigmoid, as `references.cells.activations.sigmoid` asks for it."""
        z = np.asarray(self)
        assert name == "sigmoid"
        assert self.notes is not None
        self.notes.append((z, sigmoid(z)))
        return _Watched.of(self.notes[-1][1], self.notes)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        # A number stays one: as an array of float64 it would widen float32.
        arrays = [np.asarray(item) if isinstance(item, np.ndarray) else item for item in inputs]
        result = getattr(ufunc, method)(*arrays, **options)
        (notes, *_) = [item.notes for item in inputs if getattr(item, "notes", None) is not None]
        if ufunc is np.tanh:
            notes.append((arrays[0], result))
        return _Watched.of(result, notes)


def gated_steps(case: Case) -> list[GatedStep]:
    """The steps of a case of one layer of a gru or an lstm, for its first row."""
    steps: list[GatedStep] = []
    layers(case, partial(recur, partial(_step, steps)))
    return steps


def _step(steps: list[GatedStep], now: Moment) -> tuple[np.ndarray, States]:
    cell = CELLS[now.part.case.config.cell]
    notes: Notes = []
    p = SimpleNamespace(
        **{
            name: _Watched.of(value, notes) if isinstance(value, np.ndarray) else value
            for name, value in vars(now.p).items()
        }
    )
    new = tuple(np.asarray(state) for state in cell.step(p, now.input_t, *now.states))
    # The gates come first, in the order of GATES; an lstm's tanh of c is the last.
    named = dict(zip(cell.GATES, notes, strict=False))
    before, after = (
        {name: state[:, 0] for name, state in zip(cell.STATES, states, strict=True)}
        for states in (now.states, new)
    )
    sums, gates = ({gate: pair[index][:, 0] for gate, pair in named.items()} for index in (0, 1))
    steps.append(GatedStep(now.input_t[:, 0], before, sums, gates, after))
    return new[0], new
