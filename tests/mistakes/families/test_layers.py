"""Stacked layers mixed up: 2x, 3x + 1 and 5x + 3 give 2, 7 and 38 for 1."""

import pytest

from tests.mistakes.by_hand import cell, column, linear, planted

LAYERS = (cell(2, 0), cell(3, 0, 1), cell(5, 0, 3))
CASE = linear([1], *LAYERS, num_layers=3)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("upper layers in reverse", 40),
        ("one layer's weights twice", 22),
        ("top layer reads the input", 8),
        ("only the first layer", 2),
    ],
)
def test_by_hand(name, expected):
    assert column(name, CASE) == [expected]


def test_a_top_layer_that_reads_the_input_ends_in_another_state():
    outputs = planted("top layer reads the input", CASE)
    assert outputs.h_n.ravel().tolist() == [2, 7, 8]
