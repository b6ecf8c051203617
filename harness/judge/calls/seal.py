"""Seals a case: tuples, bytes and words, which no code in this process can write to.

An implementation can find a case by walking the stack or the garbage collector. It can set an
object's attributes, and an array's shape. So the judge opens the seal when all calls are over, and
judges by what is in it.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

import numpy as np

from references.case import Case, CellWeights, Config, Outputs

T = TypeVar("T")


class _Array(NamedTuple):
    shape: tuple[int, ...]
    dtype: np.dtype
    data: bytes


class Sealed(NamedTuple):
    """An object by its class, and by the names and sealed values of its attributes."""

    kind: type
    names: tuple[str, ...]
    values: tuple[Any, ...]


def sealed(item: Case | Outputs | Sealed) -> Sealed:
    """Seals a case or outputs as they are now; what is sealed stays as it is."""
    seal: Sealed = _close(item)
    return seal


def opened(seal: Sealed) -> Any:
    """Makes the case, or the outputs, anew over the bytes of the seal."""
    return _open(seal)


def make(kind: type[T], attributes: Iterable[tuple[str, Any]]) -> T:
    """Makes an object with these attributes, without the checks that they have passed."""
    blank = object.__new__(kind)
    blank.__dict__.update(attributes)
    return blank


def _close(item: Any) -> Any:
    if type(item) is np.ndarray:
        base: Any = item.base
        own = type(base) is bytes and len(base) == item.nbytes and item.flags.c_contiguous
        return _Array(item.shape, item.dtype, base if own else item.tobytes())
    if isinstance(item, Case | CellWeights | Config | Outputs):
        values = vars(item)
        return Sealed(type(item), tuple(values), tuple([_close(one) for one in values.values()]))
    return tuple([_close(one) for one in item]) if type(item) is tuple else item


def _open(item: Any) -> Any:
    kind = type(item)
    if kind is _Array:
        return np.ndarray(*item)
    if kind is Sealed:
        return make(item.kind, zip(item.names, [_open(one) for one in item.values], strict=True))
    return tuple([_open(one) for one in item]) if kind is tuple else item
