"""What a second call changes of a case, to show what an implementation keeps from the first."""

from collections.abc import Callable

import numpy as np

from harness.judge.calls.copies import copy_with
from references.case import WEIGHTS, Case, CellWeights

Change = Callable[[Case], Case]


def other_weights(case: Case) -> Case:
    """The case of a second call: the same but for the sign of every weight.

    Where sums were exact, they are again: that rests on magnitudes.
    """
    weights = tuple(
        copy_with(cell, **{name: np.negative(array) for name, array in cell.arrays().items()})
        for cell in case.weights
    )
    return copy_with(case, weights=weights, origin=_origin("other_weights", case))


def unlike_weights(case: Case) -> Case:
    """The case of a call in which no weight is as it was: what reads any of them gives others."""
    weights = tuple(
        copy_with(cell, **{name: _unlike(cell, name, case.config.bias) for name in WEIGHTS})
        for cell in case.weights
    )
    return copy_with(case, weights=weights, origin=_origin("unlike_weights", case))


def _unlike(cell: CellWeights, name: str, bias: bool) -> np.ndarray:
    array: np.ndarray = getattr(cell, name)
    if name.startswith("b") and not bias:
        return array
    unlike: np.ndarray = np.where(array == 0, 0.375, array * -0.625).astype(array.dtype)
    return unlike


def from_zeros(case: Case) -> Case:
    """The case of a second call that shows state which is kept: the same from zero states."""
    pairs = zip(("h_0", "c_0"), case.states, strict=False)
    states = {name: np.zeros_like(state) for name, state in pairs}
    return copy_with(case, **states, origin=_origin("from_zeros", case))


def _origin(change: str, case: Case) -> str:
    return f"{change}({case.origin})" if case.origin else ""


# What is different in a second call, in words.
SECOND_CALLS: dict[Change, str] = {other_weights: "with other weights", from_zeros: "from zeros"}
