"""Tests the functions of NumPy that the judge uses on values that are known without NumPy.

It shows what was replaced before the judge was loaded, when nothing could be recorded yet.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

A, B = [1.5, -2.0, 0.0], [3.0, 4.0, -0.5]
M, N = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]
POINTS = [index / 4 for index in range(-80, 81)]
HALVES = [index / 64 for index in range(-63, 64)]
NEAR = 2.0**-50  # more than the relative error of NumPy's functions of one variable
Test = Callable[[Any], object]


def _equals(expected: object, *arguments: Any, **options: Any) -> Test:
    return lambda function: _plain(function(*arguments, **options)) == expected


def _follows(true: Callable[[float], float], points: Sequence[float] = POINTS) -> Test:
    def test(function: Any) -> bool:
        values = zip(function(points).tolist(), map(true, points), strict=True)
        return all(abs(value - right) <= NEAR * abs(right) for value, right in values)

    return test


def _is_class(name: str) -> Test:
    return lambda item: isinstance(item, type) and item.__name__ == name and item.__module__ in OWN


def _copies(function: Any) -> bool:
    target = np.ndarray(3, np.float64, bytearray(24))
    function(target, A, where=[True, False, True])
    values: list[float] = target.tolist()
    return values == [1.5, 0.0, 0.0]


OWN = ("numpy", "numpy.core")
TESTS: Mapping[str, Test] = {
    "abs": _equals([1.5, 2.0, 0.0], A),
    "add": _equals([4.5, 2.0, -0.5], A, B),
    "any": _equals([True, True, False], [A, A], axis=0),
    "arange": _equals([1, 2, 3], 1, 4),
    "argmax": _equals(1, B),
    "argwhere": _equals([[0], [1]], A),
    "array": _equals(M, M),
    "array_equal": lambda f: f(M, M) and not f(A, B) and f([math.nan], [math.nan], equal_nan=True),
    "asarray": _equals(M, M),
    "ascontiguousarray": _equals(M, M),
    "bool_": lambda item: _is_class("bool")(item) or _is_class("bool_")(item),
    "broadcast_to": _equals([A, A], A, (2, 3)),
    "complex128": _is_class("complex128"),
    "concatenate": _equals([[*M[0], *M[0]], [*M[1], *M[1]]], [M, M], axis=1),
    "copysign": _equals([1.0, -1.0, 1.0], 1.0, A),
    "copyto": _copies,
    "count_nonzero": _equals([2, 2], [A, A], axis=1),
    "divide": _equals([0.5, -0.5, -0.0], A, B),
    "dot": _equals([[4.0, 7.0], [10.0, 16.0]], M, N),
    "dtype": _is_class("dtype"),
    "empty": lambda f: f((2, 3)).shape == (2, 3),
    "errstate": _is_class("errstate"),
    "exp": _follows(math.exp),
    "finfo": lambda f: f("float32").nmant == 23 and f("float64").nmant == 52,
    "flatnonzero": _equals([0, 1], A),
    "float64": _is_class("float64"),
    "full": _equals([[1.5, 1.5]], (1, 2), 1.5),
    "full_like": _equals([1.5, 1.5, 1.5], A, 1.5),
    "inf": lambda item: item == math.inf,
    "int32": _is_class("int32"),
    "int64": _is_class("int64"),
    "integer": _is_class("integer"),
    "iscomplexobj": lambda f: f([1j]) and not f(A),
    "isfinite": _equals([True, False, False, False], [1.0, math.inf, -math.inf, math.nan]),
    "isnan": _equals([False, False, True], [1.0, math.inf, math.nan]),
    "isposinf": _equals([False, True, False], [1.0, math.inf, -math.inf]),
    "isscalar": lambda f: f(1.0) and not f(A),
    "log1p": _follows(math.log1p, HALVES),
    "ma": lambda item: item.__name__ == "numpy.ma",
    "max": _equals(4.0, B),
    "maximum": _equals([3.0, 4.0, 0.0], A, B),
    "memmap": _is_class("memmap"),
    "minimum": _equals([1.5, -2.0, -0.5], A, B),
    "multiply": _equals([4.5, -8.0, -0.0], A, B),
    "nan": lambda item: item != item,
    "nan_to_num": _equals([1.5, 4.0], [1.5, math.nan], nan=4.0),
    "ndarray": _is_class("ndarray"),
    "negative": _equals([-1.5, 2.0, -0.0], A),
    "nextafter": _equals([1 + 2.0**-52, -(2.0**-1074)], [1.0, 0.0], [2.0, -1.0]),
    "newaxis": lambda item: item is None,
    "ones": _equals([[1.0, 1.0]], (1, 2)),
    "pad": _equals([0.0, *A], A, (1, 0)),
    "positive": _equals(A, A),
    "prod": _equals(6, [2, 3]),
    "shape": _equals((2, 3), M),
    "sign": _equals([1.0, -1.0, 0.0], A),
    "sin": _follows(math.sin),
    "spacing": _equals(2.0**-52, 1.0),
    "split": lambda f: [_plain(part) for part in f(np.array(B), [1])] == [[3.0], [4.0, -0.5]],
    "stack": _equals([A, B], [A, B]),
    "subtract": _equals([-1.5, -6.0, 0.5], A, B),
    "take_along_axis": lambda f: _plain(f(np.array(M), np.array([[2], [0]]), axis=1)) == [[3], [4]],
    "tanh": _follows(math.tanh),
    "ufunc": _is_class("ufunc"),
    "uint8": _is_class("uint8"),
    "unravel_index": _equals((1, 2), 5, (2, 3)),
    "where": _equals([1.5, 4.0, 0.0], [True, False, True], A, B),
    "zeros": _equals([[0.0, 0.0, 0.0]] * 2, (2, 3)),
    "zeros_like": _equals([0.0, 0.0, 0.0], A),
}


def failures() -> tuple[str, ...]:
    """Returns the names of those that do not give the known values."""
    return tuple(name for name, test in TESTS.items() if not _passes(name, test))


def _passes(name: str, test: Test) -> bool:
    try:
        return bool(test(getattr(np, name)))
    except Exception:  # whatever stands there is not NumPy's
        return False


def _plain(value: Any) -> object:
    """An array or a scalar, or a tuple of them, as Python's numbers."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value.tolist() if hasattr(value, "tolist") else value
