"""The right numbers in the wrong place, on sums over time."""

import pytest

from tests.mistakes.by_hand import cell, column, linear, planted

CASE = linear([1, 2, 3], h_0=[10])  # 11, 13, 16


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("last output for all", [16, 16, 16]),
        ("first output for all", [11, 11, 11]),
        ("state for output", [10, 11, 13]),
    ],
)
def test_the_sequence_by_hand(name, expected):
    assert column(name, CASE) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("final state of the first step", 11), ("final state of zeros", 0)]
)
def test_the_final_state_by_hand(name, expected):
    outputs = planted(name, CASE)
    assert (outputs.h_n.item(), outputs.sequence.ravel().tolist()) == (expected, [11, 13, 16])


def test_the_state_before_a_backward_step_is_that_of_the_next_time():
    both = linear([1, 2, 3], cell(), cell(), h_0=[10, 20], bidirectional=True)
    assert planted("state for output", both).sequence[0].tolist() == [[10, 25], [11, 23], [13, 20]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("batch for time", [[1, 2], [11, 22]]), ("rows reversed", [[10, 30], [1, 3]])],
)
def test_as_many_rows_as_steps(name, expected):
    square = linear([[1, 2], [10, 20]])  # 1, 3 and 10, 30
    assert planted(name, square).sequence[:, :, 0].tolist() == expected


def test_a_reshape_mixes_rows_and_steps():
    case = linear([[1, 2, 3], [4, 5, 6]])
    mixed = planted("batch and time mixed by a reshape", case).sequence[:, :, 0]
    assert mixed.tolist() == [[1, 4, 9], [2, 6, 12]]


def test_units_in_reverse():
    two = linear([[[1]]], cell([[1], [2]], [[0, 0], [0, 0]], [0, 0], [0, 0]))
    assert planted("units reversed", two).sequence.ravel().tolist() == [2, 1]


def test_final_states_in_reverse():
    two = linear([1], cell(2), cell(3), num_layers=2)
    assert planted("final states in reverse", two).h_n.ravel().tolist() == [6, 2]


def test_go_backwards_ignored():
    assert column("go_backwards ignored", linear([1, 2, 3], go_backwards=True)) == [1, 3, 6]
