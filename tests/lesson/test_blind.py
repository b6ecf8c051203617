import numpy as np

from harness.draw.example import notebook_case
from harness.lesson.blind import seen
from harness.lesson.loop import numbers
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.mistake import Mistake
from references.cells.rnn import simple_rnn


def test_a_transposed_matrix_changes_nothing_on_the_notebooks_numbers(plain):
    inputs, W, U, b = numbers(scaled=False)
    assert np.array_equal(simple_rnn(inputs, W, U.T, b), simple_rnn(inputs, W, U, b))
    assert plain.blind.notebook.changed == 0.0
    assert plain.blind.scaled.changed > 0.1


def test_nearly_all_outputs_are_exactly_1_there(plain):
    inputs, W, U, b = numbers(scaled=False)
    assert (
        plain.blind.notebook.ones
        == np.count_nonzero(simple_rnn(inputs, W, U, b) == 1) / (42 * 64)
        > 0.9
    )
    assert plain.blind.scaled.ones == 0


def test_what_np_allclose_misses_is_counted(plain):
    by_name = {item.name: item for item in plain.blind.planted}
    assert not by_name["U transposed"].notebook
    assert by_name["U transposed"].scaled
    assert by_name["bias negated"].notebook
    assert (
        plain.blind.count("notebook")
        == sum(not item.notebook for item in plain.blind.planted)
        > plain.blind.count("scaled")
    )
    both = [notebook_case(scaled, "float64", seed=0) for scaled in (False, True)]
    assert [item.name for item in plain.blind.planted] == [
        m.name for m in MISTAKES if all(m.applies(case) for case in both)
    ]


def test_what_is_missed_on_scaled_numbers_is_what_the_text_explains(plain):
    """Chapter 5 says what these need: another bias, a second call, large numbers, the final state, no rounding, the dtype."""
    assert {item.name for item in plain.blind.planted if not item.scaled} == {
        "b_U dropped", "b_U doubled", "state carried across calls", "weights of an earlier call", "tanh overflows",
        "final state of the first step", "final state of zeros", "one weight off by one bit", "another dtype",
    }  # fmt: skip


def test_no_mistake_is_not_seen_and_a_shape_is():
    case = notebook_case(True, "float64", seed=0)
    assert not seen(Mistake("none", ""), case)
    assert seen(BY_NAME["time reversed"], case)
