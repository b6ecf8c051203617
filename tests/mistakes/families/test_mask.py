"""Masks read wrongly, on sums over time."""

import pytest

from tests.mistakes.by_hand import column, linear, planted


@pytest.mark.parametrize(
    ("name", "mask", "expected"),
    [
        ("mask ignored", [1, 0, 1], [1, 3, 6]),
        ("mask inverted", [1, 0, 1], [0, 2, 2]),
        ("mask reversed", [1, 1, 0], [0, 2, 5]),
        ("mask one step late", [1, 0, 1], [1, 3, 3]),
        ("state updated on masked steps", [1, 0, 1], [1, 1, 6]),
        ("state zero on masked steps", [1, 0, 1], [1, 1, 3]),
        ("zeros for repeat", [1, 0, 1], [1, 0, 4]),
    ],
)
def test_by_hand(name, mask, expected):
    assert column(name, linear([1, 2, 3], mask=mask)) == expected


def test_repeat_for_zeros():
    case = linear([1, 2, 3], mask=[1, 0, 1], masked_output="zero")
    assert column("repeat for zeros", case) == [1, 1, 4]


def test_a_row_with_the_mask_of_its_neighbour():
    case = linear([[1, 2], [10, 20]], mask=[[1, 1], [1, 0]])
    outputs = planted("mask of another row", case).sequence[:, :, 0]
    assert outputs.tolist() == [[1, 1], [10, 30]]
