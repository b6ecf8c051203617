"""Where the state starts, how it is carried on and whom it belongs to, on sums over time."""

import pytest

from harness.mistakes.catalogue import BY_NAME
from tests.mistakes.by_hand import cell, column, linear, planted

CASE = linear([1, 2, 3], h_0=[10])  # 11, 13, 16
ROWS = linear([[1, 2], [10, 20]], h_0=[100, 200])  # 101, 103 and 210, 230


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("initial state ignored", [1, 3, 6]),
        ("initial state of ones", [2, 4, 7]),
        ("state not carried", [11, 12, 13]),
        ("state dropped", [11, 2, 3]),
        ("state of the step before", [11, 12, 14]),
        ("state lost at a chunk boundary", [11, 13, 3]),
        ("state reset at a chunk boundary", [11, 13, 13]),
        ("state added", [11, 23, 47]),
    ],
)
def test_one_row_by_hand(name, expected):
    assert column(name, CASE) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("initial state rows reversed", [[201, 203], [110, 130]]),
        ("state leaks between rows", [[101, 212], [210, 121]]),
        ("state shared by the batch", [[101, 103], [210, 121]]),
    ],
)
def test_two_rows_by_hand(name, expected):
    assert planted(name, ROWS).sequence[:, :, 0].tolist() == expected


def test_the_pre_activation_goes_on():
    assert column("pre-activation carried", linear([-5, 2], nonlinearity="relu")) == [0, 0]


def test_layers_start_from_each_others_state():
    two = linear([0], cell(), cell(), h_0=[1, 10], num_layers=2)  # 1, then 1 + 10
    assert planted("initial state layers reversed", two).h_n.ravel().tolist() == [10, 11]


def test_all_layers_start_from_the_first_ones_state():
    two = linear([0], cell(), cell(), h_0=[1, 10], num_layers=2)  # 1, then 1 + 1
    assert planted("first layer's initial state for all", two).h_n.ravel().tolist() == [1, 2]


def test_a_unit_reads_what_the_one_before_it_has_just_written():
    case = linear([0], cell(W=[[1], [1]], U=[[0, 1], [1, 0]], b_W=[0, 0], b_U=[0, 0]), h_0=[1, 2])
    outputs = planted("state updated while it is read", case)
    assert outputs.sequence.ravel().tolist() == [2, 2]  # for 2 and 1


def test_directions_start_from_each_others_state():
    two = linear([0], cell(), cell(), h_0=[1, 10], bidirectional=True)
    assert planted("initial state directions swapped", two).h_n.ravel().tolist() == [10, 1]


def test_the_initial_state_is_read_in_the_wrong_order_of_axes():
    states = [[1, 2, 3], [4, 5, 6]]  # of each layer, three rows
    case = linear([[0], [0], [0]], cell(0), cell(0), h_0=states, num_layers=2)
    mixed = planted("initial state axes mixed", case).h_n[:, :, 0].tolist()
    assert mixed == [[1, 3, 5], [2, 4, 6]]


def test_a_second_call_starts_where_the_first_ended():
    implementation = BY_NAME["state carried across calls"].plant()
    calls = [implementation(CASE).sequence.ravel().tolist() for _ in range(2)]
    assert calls == [[11, 13, 16], [17, 19, 22]]
