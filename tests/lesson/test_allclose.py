import numpy as np
import pytest

from harness.draw.example import notebook_case
from harness.lesson.allclose import assert_close
from harness.lesson.loop import numbers
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.mistake import Mistake
from references.case import Outputs
from references.cells.rnn import simple_rnn


def test_a_transposed_matrix_changes_nothing_on_the_notebooks_numbers(plain):
    inputs, W, U, b = numbers(scaled=False)
    assert np.array_equal(simple_rnn(inputs, W, U.T, b), simple_rnn(inputs, W, U, b))
    assert plain.allclose.notebook.change == 0.0
    assert plain.allclose.scaled.change > 0.1


def test_nearly_all_outputs_are_exactly_1_there(plain):
    ones = np.count_nonzero(simple_rnn(*numbers(scaled=False)) == 1) / (42 * 64)
    assert plain.allclose.notebook.ones == ones > 0.9
    assert plain.allclose.scaled.ones == 0


def test_the_mistakes_that_np_allclose_misses_are_counted(plain):
    notebook, scaled = plain.allclose.notebook.audit, plain.allclose.scaled.audit
    assert "U transposed" in notebook.missed
    assert "U transposed" in scaled.caught
    assert "bias negated" in notebook.caught
    assert len(notebook.missed) > len(scaled.missed)
    both = [notebook_case(scaled, "float64", seed=0) for scaled in (False, True)]
    applicable = {one.name for one in MISTAKES if all(one.applies(case) for case in both)}
    for audit in (notebook, scaled, plain.allclose.judge):
        assert {*audit.caught, *audit.missed} == applicable
    assert plain.allclose.applicable == len(applicable)


def test_the_table_has_each_that_is_missed_once_and_in_the_catalogues_order(plain):
    missed = {*plain.allclose.notebook.audit.missed, *plain.allclose.scaled.audit.missed}
    assert plain.allclose.missed == tuple(one.name for one in MISTAKES if one.name in missed)


def test_the_text_explains_what_is_missed_on_scaled_numbers(plain):
    """A second call, large numbers, the final state, no rounding, the dtype."""
    assert set(plain.allclose.scaled.audit.missed) == {
        "state carried across calls", "weights of an earlier call",
        "tanh overflows", "final state of the first step", "final state of zeros",
        "one weight off by one bit", "narrower dtype", "tanh from sigmoid",
        "zero state not reset", "one buffer for all calls",
    }  # fmt: skip


def test_the_right_loop_is_close_and_a_wrong_sequence_or_shape_is_not():
    case = notebook_case(True, "float64", seed=0)
    assert_close(case, Mistake("none", "").plant())
    with pytest.raises(AssertionError, match=r"np\.allclose says False"):
        assert_close(case, BY_NAME["time reversed"].plant())
    with pytest.raises(ValueError, match="broadcast"):
        assert_close(case, lambda case: Outputs(np.zeros((1, 5, 64))))
