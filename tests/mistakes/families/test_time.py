"""Steps in the wrong order, or not all of them, on a sum over time."""

import pytest

from tests.mistakes.by_hand import column, linear

CASE = linear([1, 2, 3, 4, 5])  # 1, 3, 6, 10, 15


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("time reversed", [5, 9, 12, 14, 15]),
        ("output time reversed", [15, 10, 6, 3, 1]),
        ("input one step late", [1, 2, 4, 7, 11]),
        ("input one step early", [2, 5, 9, 14, 19]),
        ("output one step late", [1, 1, 3, 6, 10]),
        ("output one step early", [3, 6, 10, 15, 15]),
        ("a step dropped", [1, 3, 3, 7, 12]),
        ("a step repeated", [1, 3, 9, 13, 18]),
        ("right only for four steps", [1, 3, 6, 10, 10]),
        ("last step missing", [1, 3, 6, 10, 0]),
    ],
)
def test_by_hand(name, expected):
    assert column(name, CASE) == expected
