from dataclasses import replace

import numpy as np
import pytest

from harness.lesson import mirror as module
from harness.lesson.mirror import example, mirror


def values(matrix):
    return np.array([[entry.value for entry in row] for row in matrix.rows])


def by_name(shown, title):
    return {matrix.name: matrix for matrix in shown.panels[title]}


@pytest.fixture(params=["plain", "full"])
def shown(request):
    return request.getfixturevalue(request.param).mirror


def test_every_number_is_accounted_for_in_both_frameworks(shown):
    (cell,) = example().weights
    torch, keras = by_name(shown, "PyTorch"), by_name(shown, "Keras")
    assert np.array_equal(values(torch["weight_ih_l0"]), cell.W)
    assert np.array_equal(values(torch["weight_hh_l0"]), cell.U)
    assert np.array_equal(values(torch["bias_ih_l0"])[0], cell.b_W)
    assert np.array_equal(values(torch["bias_hh_l0"])[0], cell.b_U)
    assert np.array_equal(values(keras["kernel"]), np.transpose(cell.W))
    assert np.array_equal(values(keras["recurrent_kernel"]), np.transpose(cell.U))
    assert np.array_equal(values(keras["bias"])[0], cell.b_W + cell.b_U)


def test_what_was_done_is_said(shown):
    assert [matrix.how for matrix in shown.panels["PyTorch"]] == ["copied"] * 4
    assert [matrix.how for matrix in shown.panels["Keras"]] == [
        "transposed",
        "transposed",
        "folded",
    ]


def test_each_number_is_told_where_it_went(shown):
    assert len(shown.homes) == 6 + 9 + 3 + 3
    assert (
        shown.homes["W[2, 1]"]
        == "PyTorch weight_ih_l0[2, 1] (copied); Keras kernel[1, 2] (transposed)"
    )
    assert (
        shown.homes["b_W[0]"]
        == "PyTorch bias_ih_l0[0] (copied); Keras bias[0] (folded, added to b_U[0])"
    )


def test_a_mirror_that_loses_a_number_is_found_out(monkeypatch):
    right = module.by_rule

    def lost(own, rule):
        if rule == "W.T":
            return np.where(np.arange(3) == 2, 99, own["W"].T)
        return right(own, "U" if rule == "U.T" else rule)

    monkeypatch.setattr(module, "by_rule", lost)
    assert [matrix.how for matrix in mirror(()).panels["Keras"]] == [
        "not found",
        "copied",
        "folded",
    ]


def test_the_example_has_no_two_equal_numbers():
    case = example()
    (cell,) = case.weights
    numbers = [*cell.W.flat, *cell.U.flat, *cell.b_W, *cell.b_U, *(cell.b_W + cell.b_U)]
    assert len(set(numbers)) == len(numbers)
    assert replace(case).config.input_size != case.config.hidden_size
