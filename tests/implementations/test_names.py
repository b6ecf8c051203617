"""What names stand for, which nothing is loaded to tell."""

import pytest

from harness.implementations.names import (
    cell_of,
    is_function,
    is_program,
    is_users,
    plain_name,
    reference_of,
    row_name,
)


def test_a_program_is_a_command():
    assert is_program("command:x")
    assert not any(map(is_program, ("mine.py:command", "torch", None, print)))


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("torch", "torch"),
        ("keras/graph gru", "keras"),
        ("torch/rnn.py:run", ""),
        ("command:torch", ""),
        ("my_rnn.py:torch", ""),
        (print, ""),
    ],
)
def test_a_users_function_is_none_of_the_references(name, reference):
    assert (reference_of(name), is_users(name)) == (reference, not reference)


def test_a_function_is_no_program_and_no_reference():
    assert all(map(is_function, ("torch/rnn.py:run", "mine:run")))
    assert not any(map(is_function, ("command:torch", "torch", "keras/graph gru", "")))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("name", ["torch", "keras/graph"])
def test_a_row_of_one_cell_has_both_names(name, cell):
    row = row_name(name, cell)
    assert (plain_name(row), cell_of(row)) == (name, cell)


@pytest.mark.parametrize(
    "name", ["torch", "keras/graph", "gru", " gru", "torch gurk", "my gru.py:run", "my.py:run gru"]
)
def test_other_names_stay_as_they_are(name):
    assert (plain_name(name), cell_of(name)) == (name, "")
