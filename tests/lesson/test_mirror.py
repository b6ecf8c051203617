import sys
from types import SimpleNamespace

import numpy as np
import pytest

from harness.lesson.mirror import by_rule, example_case, mirror
from references import REFERENCES, Reference


def values(matrix):
    return np.array([[entry.value for entry in row] for row in matrix.rows])


def by_name(mirror, title):
    return {matrix.name: matrix for matrix in mirror.panels[title]}


def test_every_number_is_accounted_for_in_both_frameworks(material):
    (cell,) = example_case().weights
    torch, keras = (by_name(material.mirror, title) for title in ("PyTorch", "Keras"))
    assert np.array_equal(values(torch["weight_ih_l0"]), cell.W)
    assert np.array_equal(values(torch["weight_hh_l0"]), cell.U)
    assert np.array_equal(values(torch["bias_ih_l0"])[0], cell.b_W)
    assert np.array_equal(values(torch["bias_hh_l0"])[0], cell.b_U)
    assert np.array_equal(values(keras["kernel"]), np.transpose(cell.W))
    assert np.array_equal(values(keras["recurrent_kernel"]), np.transpose(cell.U))
    assert np.array_equal(values(keras["bias"])[0], cell.b_W + cell.b_U)


def test_it_says_what_each_framework_does(material):
    ways = {
        title: [matrix.how for matrix in group] for title, group in material.mirror.panels.items()
    }
    assert ways["PyTorch"] == ["copied"] * 4
    assert ways["Keras"] == ["transposed", "transposed", "folded"]


def test_it_says_of_each_number_where_it_is(material):
    homes = material.mirror.homes
    assert len(homes) == 6 + 9 + 3 + 3
    W, b_W = homes["W[2, 1]"], homes["b_W[0]"]
    assert W == "PyTorch weight_ih_l0[2, 1] (copied); Keras kernel[1, 2] (transposed)"
    assert b_W == "PyTorch bias_ih_l0[0] (copied); Keras bias[0] (folded, added to b_U[0])"


@pytest.fixture
def toy(monkeypatch):
    """Adds a framework to the table: `arrays(cell)` says what its mirror holds."""

    def add(arrays):
        mirror = SimpleNamespace(write=lambda case: case.weights[0], arrays=arrays)
        monkeypatch.setitem(REFERENCES, "toy", Reference("toy_rnn", "Toy", layout=(("w", "W"),)))
        monkeypatch.setitem(sys.modules, "toy_rnn", SimpleNamespace(mirror=mirror))

    return add


@pytest.mark.parametrize(
    ("arrays", "hows"),
    [
        (lambda cell: {"w": cell.W, "u": cell.U.T}, ["copied", "transposed"]),
        (lambda cell: {"u": cell.U[::-1]}, ["rearranged"]),
        (lambda cell: {"b": cell.b_W + cell.b_U}, ["folded"]),
        (lambda cell: {"w": np.where(np.arange(2) == 1, 99, cell.W)}, ["not found"]),
    ],
)
def test_a_framework_of_the_tables_is_read_back(toy, arrays, hows):
    toy(arrays)
    assert [matrix.how for matrix in mirror(("toy",)).panels["Toy"]] == hows


def test_without_frameworks_the_tables_layouts_are_written_by_rule(toy):
    toy(lambda cell: pytest.fail("this edition does without frameworks"))
    assert list(mirror(()).panels) == ["The loop", "PyTorch", "Keras", "Toy"]
    assert mirror(()).homes["W[0, 1]"].endswith("; Toy w[0, 1] (copied)")


def test_a_rule_copies_transposes_and_folds():
    (cell,) = example_case().weights
    assert np.array_equal(by_rule("W.T", cell), np.transpose(cell.W))
    assert np.array_equal(by_rule("b_W + b_U", cell), cell.b_W + cell.b_U)
    with pytest.raises(KeyError):
        by_rule("V", cell)


def test_the_example_has_no_two_equal_numbers():
    case = example_case()
    (cell,) = case.weights
    numbers = np.concatenate([array.ravel() for array in cell.arrays().values()])
    numbers = [*numbers, *(cell.b_W + cell.b_U)]
    assert len(set(numbers)) == len(numbers)
    assert case.config.input_size != case.config.hidden_size
