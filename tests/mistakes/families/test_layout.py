"""Weights put down the wrong way round, worked out by hand."""

import pytest

from references.numpy_rnn import run
from tests.mistakes.by_hand import cell, linear, planted

# W x = (7, 15) and U h = (16, 22)
CASE = linear([[[1, 3]]], cell([[1, 2], [3, 4]], [[5, 6], [7, 8]], [0, 0], [0, 0]), h_0=[2, 1])


def test_the_right_sum():
    assert run(CASE).sequence.ravel().tolist() == [23, 37]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("U transposed", [24, 35]),
        ("W transposed", [26, 36]),
        ("W reshaped", [26, 36]),
        ("W units reversed", [31, 29]),
        ("U rows reversed", [29, 31]),
        ("U columns reversed", [24, 38]),
        ("features permuted", [21, 35]),
        ("U lower triangular", [17, 37]),
        ("U upper triangular", [23, 23]),
        ("U diagonal", [17, 23]),
        ("U identity", [9, 16]),
        ("W and U swapped", [27, 41]),
        ("last feature unread", [17, 25]),
    ],
)
def test_by_hand(name, expected):
    assert planted(name, CASE).sequence.ravel().tolist() == expected
