"""A mistake: a change to the hand-written loop, in words and in code."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from references.case import Case, CellWeights, Outputs
from references.cells.walk import Moment, States, layers, recur

Run = Callable[[Case], Outputs]


class Edits(NamedTuple):
    """What is changed: the case before the loop, the step, the state that is carried on, the outputs after the loop."""

    case: Callable[[Case], Case] | None = None
    step: Callable[[Moment], np.ndarray] | None = None
    carry: Callable[[Moment, np.ndarray], np.ndarray] | None = (
        None  # (now, output_t) -> the next state
    )
    masked: Callable[[Moment, np.ndarray, np.ndarray], np.ndarray] | None = (
        None  # (now, output_t, mask_t) -> the next state
    )
    outputs: Callable[[Case, Outputs], Outputs] | None = None


NOTHING = Edits()


@dataclass(frozen=True)
class Mistake:
    """A known mistake. `applies(case)` says whether it changes anything about the computation of such a case."""

    name: str
    family: str
    sentence: str
    fix: str
    applies: Callable[[Case], bool]
    edits: Edits = NOTHING
    stateful: Callable[[], Run] | None = (
        None  # for mistakes that remember: makes an implementation with an empty memory
    )

    def plant(self) -> Run:
        """An implementation that makes this mistake, and no other; on cases to which it does not apply it is right."""
        return (
            self.stateful()
            if self.stateful
            else lambda case: run(case, self.edits if self.applies(case) else NOTHING)
        )


def run(case: Case, edits: Edits) -> Outputs:
    """The hand-written loop of `references.numpy_rnn` with another step, other inputs or outputs."""
    changed = edits.case(case) if edits.case else case
    with np.errstate(all="ignore"):
        outputs = layers(changed, partial(recur, partial(_step, edits)))
        return edits.outputs(case, outputs) if edits.outputs else outputs


def _step(edits: Edits, now: Moment) -> tuple[np.ndarray, States]:
    dtype = now.last_output.dtype
    new = (edits.step(now),) if edits.step else now.equation()
    output, *others = (state.astype(dtype, copy=False) for state in new)
    h = edits.carry(now, output).astype(dtype, copy=False) if edits.carry else output
    if edits.masked and now.valid is not None:
        return output, (edits.masked(now, h, now.valid), *others)
    return output, now.hold((h, *others))


def pre_activation(now: Moment) -> Any:
    """W x + U h + b of this moment."""
    return np.dot(now.p.W_h, now.input_t) + np.dot(now.p.U_h, now.states[0]) + now.p.b_h


def activate(now: Moment, z: np.ndarray) -> Any:
    """The case's own activation."""
    return now.p.activation(z)


def each_cell(change: Callable[[CellWeights], CellWeights]) -> Edits:
    """The same change to every cell's weights."""
    return Edits(case=lambda case: with_weights(case, tuple(change(cell) for cell in case.weights)))


def on_sequence(change: Callable[[np.ndarray], np.ndarray]) -> Edits:
    """A change to the finished sequence (B, T, H*D)."""
    return Edits(
        outputs=lambda case, outputs: Outputs(
            np.ascontiguousarray(change(outputs.sequence)), outputs.h_n
        )
    )


def with_weights(case: Case, weights: tuple[CellWeights, ...]) -> Case:
    """The case with other weights."""
    return replace(case, weights=weights, origin="")


def final_of(outputs: Outputs) -> np.ndarray:
    """The final state, which the loop always gives."""
    if outputs.h_n is None:
        raise TypeError("the mistaken loop lost its final state")
    return outputs.h_n


def hidden(case: Case) -> int:
    """H."""
    return case.config.hidden_size


def always(case: Case) -> bool:
    """Applies to every case."""
    return True


def combined(first: Edits, second: Edits) -> Edits | None:
    """Both changes at once, the first done first; None where both change the same part of the loop itself."""
    merged: dict[str, Any] = {}
    for field in ("step", "carry", "masked"):
        one, other = getattr(first, field), getattr(second, field)
        if one and other:
            return None
        merged[field] = one or other
    return Edits(
        case=_chained(first.case, second.case),
        outputs=_after(first.outputs, second.outputs),
        **merged,
    )


def _chained(one: Any, other: Any) -> Any:
    return (lambda case: other(one(case))) if one and other else one or other


def _after(one: Any, other: Any) -> Any:
    return (
        (lambda case, outputs: other(case, one(case, outputs))) if one and other else one or other
    )
