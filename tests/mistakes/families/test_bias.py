"""Biases dropped, doubled, moved or added late, worked out by hand."""

import pytest

from tests.mistakes.by_hand import cell, linear, planted

# W x = (-2, 1) and b = (1, 2) + (3, 5); relu gives (2, 8)
EYE = [[1, 0], [0, 1]]
CASE = linear([[[-2, 1]]], cell(EYE, EYE, [1, 2], [3, 5]), nonlinearity="relu")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("b_W dropped", [1, 6]),
        ("b_U dropped", [0, 3]),
        ("bias dropped", [0, 1]),
        ("b_W doubled", [3, 10]),
        ("b_U doubled", [5, 13]),
        ("bias doubled", [6, 15]),
        ("bias negated", [0, 0]),
        ("bias rolled", [5, 5]),
        ("bias after activation", [4, 8]),
    ],
)
def test_by_hand(name, expected):
    assert planted(name, CASE).sequence.ravel().tolist() == expected
