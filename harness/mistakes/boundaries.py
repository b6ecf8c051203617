"""Places boundaries, before which a layer that runs chunk by chunk loses or resets its state."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from harness.mistakes.comparison import Pair, inside
from harness.mistakes.mistake import OfState
from references.case import Case
from references.cells.walk import Moment

Place = tuple[int, int, int]  # a layer, a direction, and a step in processing order


def at_places(boundary: Any, places: Collection[Place]) -> Any:
    """Carries what a boundary does before these steps, and the new state elsewhere."""
    change = boundary.change if isinstance(boundary, OfState) else boundary

    def carry(now: Moment, state: Any) -> Any:
        place = (now.part.layer, now.part.direction, now.t + 1)
        return change(now, state) if place in places else state

    return boundary._replace(change=carry) if isinstance(boundary, OfState) else carry


def first_outside(case: Case, pairs: Sequence[Pair]) -> set[Place]:
    """In each layer and direction the first step, in processing order, with a wrong output."""
    D, places = case.config.num_directions, set()
    for layer, pair in enumerate(pairs):
        outside = ~inside(*pair)
        for direction, half in enumerate(np.split(outside, D, axis=2)):
            wrong = np.asarray(half.any(axis=(0, 2)))
            steps = np.flatnonzero(wrong[::-1] if direction else wrong)
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
