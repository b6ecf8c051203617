"""A mistake: a change to the hand-written loop, in words and in code."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from harness.draw.features import has
from references.case import Case, Outputs
from references.cells import CELLS
from references.cells.walk import Moment, Pass, States, layers, recur

Run = Callable[[Case], Outputs]
Change = Callable[[Any], Any]


class OfState(NamedTuple):
    """A change of what one state carries on; a change without a place is that of every state."""

    place: int  # among the STATES of the cell
    change: Callable[[Moment, Any], Any]


class Edits(NamedTuple):
    """The changed parts of the loop; a part that is left out is right."""

    case: tuple[Callable[[Case], Case], ...] = ()  # before the loop, one after the other
    outputs: tuple[Callable[[Case, Outputs], Outputs], ...] = ()  # after it
    step: Callable[[Moment], Any] | None = None  # the new states of a step, or the output alone
    carry: Callable[[Moment, Any], Any] | OfState | None = None  # new state -> that which goes on
    hold: Callable[[Moment, Any], Any] | OfState | None = None  # the same, under a mask
    read: Callable[[Pass], np.ndarray] | None = None  # what a layer reads, in processing order
    # What is carried at a boundary; a diagnosis looks for it at any step.
    boundary: Callable[[Moment, Any], Any] | OfState | None = None

    def prepare(self, case: Case) -> Case:
        """Returns the case that the loop runs."""
        for change in self.case:
            case = change(case)
        return case

    def new_states(self, now: Moment) -> States:
        """Returns the new states of a step; the output stands first."""
        new = self.step(now) if self.step else now.equation()
        return new if isinstance(new, tuple) else (new,)

    def go_on(self, now: Moment, new: States, store: Change) -> States:
        """Returns the states that go on from a step that gave `new`, each stored by `store`."""
        if self.carry:
            new = tuple(map(store, _change_states(self.carry, now, new, new)))
        if self.hold and now.valid is not None:
            return tuple(map(store, _change_states(self.hold, now, new, now.hold(new))))
        return now.hold(new)


def _change_states(change: Any, now: Moment, new: States, others: States) -> States:
    """Changes the new states, or one of them: then the rest are those of `others`."""
    if isinstance(change, OfState):
        one = change.change(_of_state(now, change.place), new[change.place])
        return (*others[: change.place], one, *others[change.place + 1 :])
    return tuple(change(_of_state(now, place), state) for place, state in enumerate(new))


def _of_state(now: Moment, place: int) -> Moment:
    """The moment as one state sees it, which stands first."""
    if not place:
        return now
    states, initial = (each[place:] + each[:place] for each in (now.states, now.initial))
    return now._replace(states=states, initial=initial)


NOTHING = Edits()
ALWAYS = has()


@dataclass(frozen=True)
class Mistake:
    """A known mistake. Each method returns it with one property more, as in the catalogue."""

    name: str
    sentence: str
    fix: str = ""  # for who writes a loop
    mirror_fix: str = ""  # for who copies weights into a framework; empty where it is the same
    applies: Callable[[Case], bool] = ALWAYS  # to the cases whose computation it changes
    cells: tuple[str, ...] = tuple(CELLS)  # those that can have it
    edits: Edits = NOTHING
    stateful: Callable[[], Run] | None = None  # makes an implementation with an empty memory
    mark: Callable[[np.ndarray], bool] | None = None  # what every sequence with this mistake shows

    def plant(self) -> Run:
        """Makes an implementation with this mistake where it applies, and with no other."""
        if self.stateful:
            return self.stateful()
        return lambda case: run(case, self.edits if self.applies(case) else NOTHING)

    def to_fix(self, loop: str, mirror: str = "") -> "Mistake":
        """Says what to do: to who writes a loop, and to who copies weights into a framework."""
        return replace(self, fix=loop, mirror_fix=mirror)

    def shows(self, mark: Callable[[np.ndarray], bool]) -> "Mistake":
        """Says what is true of every sequence with this mistake; else it is not named."""
        return replace(self, mark=mark)

    def when(self, *conditions: str | Callable[[Case], bool], **features: Any) -> "Mistake":
        """Limits it to cases with all these features, see `harness.draw.features.has`."""
        each = [has(one) if isinstance(one, str) else one for one in conditions]
        if features:
            each.append(has(**features))
        if self.cells != tuple(CELLS):  # first: a condition may read what only these cells have
            each.insert(0, lambda case: case.config.cell in self.cells)
        return replace(self, applies=lambda case: all(holds(case) for holds in each))

    def of(self, *cells: str) -> "Mistake":
        """Limits it to cases of these cells."""
        applies = self.applies
        return replace(
            self,
            cells=cells,
            applies=lambda case: case.config.cell in cells and applies(case),
        )

    def change(self, **parts: Any) -> "Mistake":
        """Sets parts of the loop, by the names of Edits."""
        return replace(self, edits=self.edits._replace(**parts))

    def remember(self, stateful: Callable[[], Run]) -> "Mistake":
        """Lets `stateful` make the implementation, which keeps something from call to call."""
        return replace(self, stateful=stateful)

    def change_case(self, **changes: Change) -> "Mistake":
        """Changes fields of the case; each function takes the value of one, unless it is None."""

        def change(case: Case) -> Case:
            return replace(case, **_apply(changes, case), origin="")

        return self.change(case=(*self.edits.case, change))

    def change_weights(self, **changes: Change) -> "Mistake":
        """Changes arrays of CellWeights, by name, in all layers and directions."""
        return self.change_case(
            weights=lambda weights: [replace(cell, **_apply(changes, cell)) for cell in weights]
        )

    def change_gates(self, **changes: Change) -> "Mistake":
        """Changes arrays of CellWeights, by name, gate by gate."""
        return self.change_case(
            weights=lambda weights: [
                replace(cell, **_apply(changes, cell, cell.gates)) for cell in weights
            ]
        )

    def change_outputs(self, **changes: Change) -> "Mistake":
        """Changes arrays of the finished Outputs: `sequence` (B, T, H*D), `h_n`, `c_n`."""

        def change(_: Case, outputs: Outputs) -> Outputs:
            return replace(outputs, layers=None, **_apply(changes, outputs))

        return self.change(outputs=(*self.edits.outputs, change))


def _apply(changes: Mapping[str, Change], item: Any, gates: int = 1) -> dict[str, Any]:
    """Changes fields that are not None, each whole or in so many blocks of rows."""
    values = {name: getattr(item, name) for name in changes}
    return {
        name: changes[name](value) if gates == 1 else _in_blocks(changes[name], value, gates)
        for name, value in values.items()
        if value is not None
    }


def _in_blocks(change: Change, array: np.ndarray, gates: int) -> np.ndarray:
    return np.concatenate([change(block) for block in np.split(array, gates)])


def run(case: Case, edits: Edits = NOTHING) -> Outputs:
    """Runs the loop of `references.numpy_rnn` with these parts changed."""
    with np.errstate(all="ignore"):
        outputs = layers(edits.prepare(case), partial(_along_time, edits))
    return finish(case, edits, outputs)


def finish(case: Case, edits: Edits, outputs: Outputs) -> Outputs:
    """Changes the outputs of a loop that has run with the other parts of these edits."""
    with np.errstate(all="ignore"):
        for change in edits.outputs:
            outputs = change(case, outputs)
    return outputs


def _along_time(edits: Edits, part: Pass) -> tuple[np.ndarray, States]:
    if edits.read:
        part = part._replace(inputs=edits.read(part))
    return recur(partial(_step, edits), part)


def _step(edits: Edits, now: Moment) -> tuple[np.ndarray, States]:
    dtype = now.last_output.dtype

    def store(state: np.ndarray) -> np.ndarray:
        return state.astype(dtype, copy=False)

    new = tuple(map(store, edits.new_states(now)))
    return new[0], edits.go_on(now, new, store)


def combined(first: Edits, second: Edits) -> Edits | None:
    """Joins both, `first` before `second`; None where both change the same part of a step."""
    parts = {part: (getattr(first, part), getattr(second, part)) for part in Edits._fields[2:]}
    if any(map(all, parts.values())):
        return None
    either = {part: one or other for part, (one, other) in parts.items()}
    return Edits(first.case + second.case, first.outputs + second.outputs, **either)


def pre_activation(now: Moment) -> Any:
    """W x + U h + b of this moment."""
    return np.dot(now.p.W_h, now.input_t) + np.dot(now.p.U_h, now.state_t) + now.p.b_h
