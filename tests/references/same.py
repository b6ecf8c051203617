"""Equality of what a mirror reads, bit for bit."""

import numpy as np


def assert_same(actual, expected):
    """Both are (Config, weights); arrays have equal dtypes, shapes and bits."""
    assert actual[0] == expected[0]
    for index, (one, other) in enumerate(zip(actual[1], expected[1], strict=True)):
        for name, array in one.arrays().items():
            right = other.arrays()[name]
            assert (array.dtype, array.shape) == (right.dtype, right.shape), (index, name)
            assert np.array_equal(bits(array), bits(right)), f"{name} of cell {index} differs"


def bits(array):
    """The array as whole numbers, in which -0 is not 0."""
    return np.ascontiguousarray(array).view(f"u{array.itemsize}")
