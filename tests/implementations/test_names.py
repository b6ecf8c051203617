"""What names stand for, which nothing is loaded to tell."""

import pytest

from harness.implementations.names import is_function, is_program, is_users, reference_of


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
