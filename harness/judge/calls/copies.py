"""Copies a case: for an implementation into memory of its own, else over bytes, for nobody."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from harness.judge.calls.seal import make
from references.arrays import immutable
from references.case import Case

T = TypeVar("T")

LARGE = 1 << 20  # bytes, of which copies cost more than a look at each number


def arrays_of(case: Case) -> dict[str, np.ndarray]:
    """The arrays of a case by name, such as `case.weights[0].W`, without those that are None."""
    arrays = {f"case.{name}": getattr(case, name) for name in ("inputs", "h_0", "c_0", "mask")}
    for index, cell in enumerate(case.weights):
        arrays |= {f"case.weights[{index}].{name}": w for name, w in cell.arrays().items()}
    return {name: array for name, array in arrays.items() if array is not None}


def is_copy(array: np.ndarray, other: np.ndarray) -> bool:
    """True where both have the same bits, whatever numbers these are, in whatever shape."""
    alike = (array.shape, array.dtype) == (other.shape, other.dtype)
    if array.nbytes < LARGE or not alike:
        return array.tobytes() == other.tobytes()
    bits = f"u{array.itemsize}"
    return bool((array.view(bits) == other.view(bits)).all())


def copy_of(case: Case) -> Case:
    """Copies a case for an implementation, into arrays that own their memory."""
    weights = tuple(_copy(cell, _read_only) for cell in case.weights)
    return _copy(case, _read_only, config=copy_with(case.config), weights=weights)


def copy_with(original: T, **changes: Any) -> T:
    """Copies an object without the checks that it has passed; `changes` replace attributes.

    Its arrays lie over bytes, so that nobody can write to them.
    """
    return _copy(original, immutable, **changes)


def _copy(original: T, copy_array: Callable[[np.ndarray], np.ndarray], **changes: Any) -> T:
    values = {**vars(original), **changes}
    return make(
        type(original),
        [
            (name, copy_array(value) if isinstance(value, np.ndarray) else value)
            for name, value in values.items()
        ],
    )


def _read_only(array: np.ndarray) -> np.ndarray:
    copy = array.copy()
    copy.flags.writeable = False
    return copy
