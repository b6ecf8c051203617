"""Makes arrays that nobody can write to, or says in a sentence what is wrong with a value."""

from typing import Any

import numpy as np

DTYPES = ("float32", "float64")
NAMES = {np.dtype(name): name for name in DTYPES}  # dtype.name takes microseconds
_ACCEPTED = {name: (np.dtype(name),) for name in (*DTYPES, "bool")} | {
    "": tuple(map(np.dtype, DTYPES))
}


def checked(name: str, value: Any, dtype: str = "") -> np.ndarray:
    """Returns a plain array of that dtype, in any byte order and layout; without one, of DTYPES.

    Raises TypeError for anything else.
    """
    if not isinstance(value, np.ndarray) or _hides_numbers(value):
        raise TypeError(f"{name} is a {type(value).__name__}, expected a numpy.ndarray")
    if value.dtype.newbyteorder("=") not in _ACCEPTED[dtype]:
        expected = " or ".join(map(str, _ACCEPTED[dtype]))
        raise TypeError(
            f"{name} has dtype {value.dtype}, expected {expected}; "
            f"convert it with {name}.astype(...)"
        )
    return value


def frozen(name: str, value: np.ndarray) -> np.ndarray:
    """Copies to a contiguous array in the machine's byte order that cannot be made writeable.

    Raises ValueError where a number is not finite.
    """
    array = immutable(value)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name}{list(index)} is {array[index]}, expected only finite numbers")
    return array


def immutable(value: np.ndarray) -> np.ndarray:
    """The array itself if nobody can write to it, else a contiguous copy over bytes."""
    if _is_frozen(value):
        return value
    return over_bytes(np.asarray(value).astype(value.dtype.newbyteorder("=")))


def over_bytes(array: np.ndarray) -> np.ndarray:
    """A copy whose memory is a bytes object: NumPy never lets it be written to."""
    return np.ndarray(array.shape, array.dtype, array.tobytes())


def sum_error(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """What rounding took from each number of a + b, exactly (Knuth's TwoSum)."""
    total = a + b
    part = total - a
    return np.asarray((a - (total - part)) + (b - part))


def _hides_numbers(value: np.ndarray) -> bool:
    """Tells whether it is a masked array. NumPy imports `ma`, which takes long, if it is named."""
    return type(value) is not np.ndarray and isinstance(value, np.ma.MaskedArray)


def _is_frozen(value: np.ndarray) -> bool:
    return (
        type(value) is np.ndarray
        and isinstance(value.base, bytes)
        and not value.flags.writeable
        and value.flags.c_contiguous
        and value.dtype.isnative
    )
