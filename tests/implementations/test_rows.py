"""The names of rows of one cell."""

import pytest

from harness.implementations.rows import cell_of, plain_name, row_name


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
