"""Places boundaries, before which a layer that runs chunk by chunk loses or resets its state."""

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from harness.mistakes.causes.comparison import Pair, inside
from harness.mistakes.mistake import OfState
from references.case import Case
from references.cells.walk import Moment, halves

Place = tuple[int, int, int]  # a layer, a direction, and a step in processing order


def at_places(boundary: Any, places: Collection[Place]) -> dict[str, Any]:
    """Carries what a boundary does before these steps, under a mask as well; else what is right."""
    change = boundary.change if isinstance(boundary, OfState) else boundary

    def is_place(now: Moment) -> bool:
        return (now.part.layer, now.part.direction, now.t + 1) in places

    def carry(now: Moment, state: Any) -> Any:
        return change(now, state) if is_place(now) else state

    def hold(now: Moment, state: Any) -> Any:
        if is_place(now):  # chunk by chunk, a row that is masked there loses its state as well
            return change(now, state)
        (held,) = now._replace(states=now.states[:1]).hold((state,))
        return held

    parts = {"carry": carry, "hold": hold}
    if isinstance(boundary, OfState):
        return {name: boundary._replace(change=part) for name, part in parts.items()}
    return parts


def first_outside(case: Case, pairs: Iterable[tuple[int, Pair]]) -> set[Place]:
    """In each layer and direction the first step, in processing order, with a wrong output.

    A pair stands behind the number of its layer.
    """
    D, places = case.config.num_directions, set()
    for layer, pair in pairs:
        for direction, half in enumerate(halves(~inside(*pair), D)):
            steps = np.flatnonzero(half.any(axis=(0, 2)))
            places |= {(layer, direction, int(step)) for step in steps[:1]}
    return places


def where_wrong(case: Case, outside: np.ndarray, right: Pair, other: Pair) -> Pair:
    """Takes the other enclosure at those steps of a row and a half where some output is wrong.

    They must be at no more than half of the steps, of each row and of all that are not masked.
    Behind masked steps a boundary shows later, so that each row may be wrong at steps of its own.
    """
    actual, expected = right
    D, (B, T, _) = case.config.num_directions, actual.shape
    H = actual.shape[2] // D
    wrong = np.asarray(outside.reshape(B, T, D, H).any(axis=3))  # (B, T, D)
    valid = B * T if case.mask is None else np.count_nonzero(case.mask)
    if 2 * wrong.sum(axis=(1, 2)).max() > T * D or 2 * wrong.sum() > valid * D:
        return right
    return actual, np.where(wrong.repeat(H, axis=2), other[1], expected)


def where_masked_last(case: Case, outside: np.ndarray, right: Pair, other: Pair) -> Pair:
    """Takes the other enclosure of those wrong final states whose row may end masked.

    They are (L*D, B, H). No output shows a boundary behind the last step that is not masked.
    """
    actual, expected = right
    if case.mask is None:
        return right
    wrong = outside.any(axis=2) & ~(case.mask[:, 0] & case.mask[:, -1])
    return actual, np.where(wrong[..., np.newaxis], other[1], expected)
