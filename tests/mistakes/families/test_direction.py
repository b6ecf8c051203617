"""Two directions mixed up, on sums over time: the backward one adds ten times its inputs."""

import pytest

from tests.mistakes.by_hand import cell, linear, planted

CASE = linear([1, 2, 3], cell(1), cell(10), bidirectional=True)
FORWARD, BACKWARD = [1, 3, 6], [60, 50, 30]


@pytest.mark.parametrize(
    ("name", "forward", "backward"),
    [
        ("backward half not re-aligned", FORWARD, [30, 50, 60]),
        ("halves the other way", BACKWARD, FORWARD),
        ("directions' weights swapped", [10, 30, 60], [6, 5, 3]),
        ("one direction's weights twice", FORWARD, [6, 5, 3]),
        ("halves summed", [61, 53, 36], [61, 53, 36]),
        ("forward half twice", FORWARD, FORWARD),
        ("backward half missing", FORWARD, [0, 0, 0]),
    ],
)
def test_by_hand(name, forward, backward):
    assert planted(name, CASE).sequence[0].T.tolist() == [forward, backward]


def test_the_backward_final_state_of_the_wrong_end():
    outputs = planted("final state of the wrong end", CASE)
    assert outputs.h_n.ravel().tolist() == [6, 30]  # 60 would be right
    assert outputs.sequence[0].T.tolist() == [FORWARD, BACKWARD]
