"""A mistake: a change to the hand-written loop, in words and in code."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from references.case import Case, CellWeights, Outputs
from references.numpy_rnn import ACTIVATIONS, step

Run = Callable[[Case], Outputs]


class Now(NamedTuple):
    """One moment of the mistaken loop, for the changes that need to know it. A batch stands in columns."""

    case: Case
    cell: CellWeights
    t: int
    T: int
    input_t: np.ndarray  # (I, B)
    state_t: np.ndarray  # (H, B), before the step
    initial: np.ndarray  # (H, B)
    last_output: np.ndarray  # (H, B), of the step before, or the initial state


class Edits(NamedTuple):
    """What is changed: the case before the loop, the step, the state that is carried on, the outputs after the loop."""

    case: Callable[[Case], Case] | None = None
    step: Callable[[Now], np.ndarray] | None = None
    carry: Callable[[Now, np.ndarray], np.ndarray] | None = (
        None  # (now, output_t) -> the next state
    )
    masked: Callable[[Now, np.ndarray, np.ndarray], np.ndarray] | None = (
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
    fresh: Callable[[], Run] | None = (
        None  # for mistakes that remember: makes an implementation with an empty memory
    )

    def plant(self) -> Run:
        """An implementation that makes this mistake, and no other; on cases to which it does not apply it is right."""
        return (
            self.fresh()
            if self.fresh
            else lambda case: run(case, self.edits if self.applies(case) else NOTHING)
        )


def run(case: Case, edits: Edits) -> Outputs:
    """The hand-written loop of `references.numpy_rnn`, with the changes built in."""
    original, case = case, edits.case(case) if edits.case else case
    order = -1 if case.config.go_backwards else 1
    sequence = case.inputs[:, ::order].transpose(1, 2, 0)  # (T, I, B)
    mask = None if case.mask is None else case.mask[:, ::order].T
    D = case.config.num_directions
    layers, finals = [], []
    with np.errstate(all="ignore"):
        for layer in range(case.config.num_layers):
            halves = []
            for direction in range(D):
                index, time = layer * D + direction, -1 if direction else 1
                state = case.initial_state[index].T
                outputs, final = _recur(
                    case.weights[index],
                    case,
                    sequence[::time],
                    state,
                    None if mask is None else mask[::time],
                    edits,
                )
                halves.append(outputs[::time])
                finals.append(final.T)
            sequence = np.concatenate(halves, axis=1)
            layers.append(np.ascontiguousarray(sequence.transpose(2, 0, 1)))
        result = Outputs(layers[-1], np.stack(finals), tuple(layers))
        return edits.outputs(original, result) if edits.outputs else result


def _recur(
    cell: CellWeights,
    case: Case,
    inputs: np.ndarray,
    initial: np.ndarray,
    mask: np.ndarray | None,
    edits: Edits,
) -> tuple[np.ndarray, np.ndarray]:
    activation = ACTIVATIONS[case.config.nonlinearity]
    b = (cell.b_W + cell.b_U)[:, np.newaxis]
    outputs = []
    state_t = last_output = initial
    masked_t = np.zeros_like(initial)
    for t, input_t in enumerate(inputs):
        now = Now(case, cell, t, len(inputs), input_t, state_t, initial, last_output)
        output_t = (
            edits.step(now) if edits.step else step(cell.W, cell.U, b, input_t, state_t, activation)
        )
        output_t = output_t.astype(initial.dtype, copy=False)
        next_t = (
            edits.carry(now, output_t).astype(initial.dtype, copy=False)
            if edits.carry
            else output_t
        )
        if mask is not None:
            shown = np.where(mask[t], output_t, masked_t)
            next_t = (
                edits.masked(now, next_t, mask[t])
                if edits.masked
                else np.where(mask[t], next_t, state_t)
            )
            output_t = shown
            if case.masked_output == "repeat":
                masked_t = shown
        last_output, state_t = output_t, next_t
        outputs.append(output_t)
    return np.stack(outputs), state_t


def pre_activation(now: Now) -> Any:
    """W x + U h + b of this moment."""
    return (
        np.dot(now.cell.W, now.input_t)
        + np.dot(now.cell.U, now.state_t)
        + (now.cell.b_W + now.cell.b_U)[:, np.newaxis]
    )


def activate(now: Now, z: np.ndarray) -> Any:
    """The case's own activation."""
    return ACTIVATIONS[now.case.config.nonlinearity](z)


def each_cell(change: Callable[[CellWeights], CellWeights]) -> Edits:
    """The same change to every cell's weights."""
    return Edits(case=lambda case: with_weights(case, tuple(change(cell) for cell in case.weights)))


def on_sequence(change: Callable[[np.ndarray], np.ndarray]) -> Edits:
    """A change to the finished sequence (B, T, H*D)."""
    return Edits(
        outputs=lambda case, outputs: Outputs(
            np.ascontiguousarray(change(outputs.sequence)), outputs.final_state
        )
    )


def with_weights(case: Case, weights: tuple[CellWeights, ...]) -> Case:
    """The case with other weights."""
    return replace(case, weights=weights, origin="")


def final_of(outputs: Outputs) -> np.ndarray:
    """The final state, which the loop always gives."""
    if outputs.final_state is None:
        raise TypeError("the mistaken loop lost its final state")
    return outputs.final_state


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
