"""The mistaken loop: the right one without a mistake, and each part of it changed by itself."""

import numpy as np
import pytest

from harness import sample_cases
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.mistake import NOTHING, Edits, Mistake, combined, pre_activation, run
from references.numpy_rnn import run as loop
from tests.mistakes.by_hand import linear

CASE = linear([1, 2, 3], mask=[1, 0, 1])  # 1, 1, 4
NEW = Mistake("new", "Something new.")


def sequence(edits, case=CASE):
    return run(case, edits).sequence.ravel().tolist()


@pytest.mark.slow
def test_without_a_mistake_it_is_the_loop():
    for case in sample_cases(200):
        one, other = run(case), loop(case)
        assert np.array_equal(one.sequence, other.sequence)
        assert np.array_equal(one.h_n, other.h_n)
        assert len(one.layers) == len(other.layers)


@pytest.mark.parametrize(
    ("part", "change", "expected"),
    [
        ("step", lambda now: now.input_t * 10, [10, 10, 30]),
        ("carry", lambda now, output: output + 100, [1, 1, 104]),
        ("hold", lambda now, state: np.where(now.valid, state, 50), [1, 1, 53]),
        ("case", (lambda case: linear([7, 7, 7]),), [7, 14, 21]),
        ("outputs", (lambda case, outputs: loop(linear([5, 0, 0])),), [5, 5, 5]),
    ],
)
def test_each_part_of_the_loop_by_itself(part, change, expected):
    assert sequence(Edits(**{part: change})) == expected


def test_without_a_mask_nothing_is_held():
    edits = Edits(hold=lambda now, state: state * 0)
    assert sequence(edits, linear([1, 2, 3])) == [1, 3, 6]


def test_a_state_has_the_dtype_of_the_case():
    (case,) = sample_cases(1, dtype="float32")
    for part in ("step", "carry"):
        outputs = run(case, Edits(**{part: lambda now, *_: now.state_t.astype(np.float64)}))
        assert (outputs.sequence.dtype, outputs.h_n.dtype) == (np.float32, np.float32)


def test_it_is_planted_only_where_it_applies():
    mistake = NEW.when("has_mask").change_case(inputs=np.negative)
    assert mistake.plant()(CASE).sequence.ravel().tolist() == [-1, -1, -4]
    assert mistake.plant()(linear([1, 2, 3])).sequence.ravel().tolist() == [1, 3, 6]


def test_conditions_hold_all_together():
    mistake = NEW.when("several_steps", lambda case: case.batch == 1, nonlinearity="linear")
    assert mistake.applies(CASE)
    assert not mistake.applies(linear([1]))
    assert not mistake.applies(linear([[1, 2], [3, 4]]))
    assert not mistake.applies(linear([1, 2], nonlinearity="tanh"))
    with pytest.raises(KeyError, match="no_such_feature"):
        NEW.when("no_such_feature")


def test_a_field_that_the_case_does_not_have_stays_away():
    mistake = NEW.change_case(mask=np.logical_not)
    assert mistake.edits.prepare(linear([1])).mask is None
    assert mistake.edits.prepare(CASE).mask.tolist() == [[False, True, False]]


def test_changes_of_one_part_add_up():
    mistake = NEW.change_case(inputs=lambda x: x + 1).change_case(inputs=lambda x: x * 10)
    mistake = mistake.change_outputs(sequence=np.negative).change_outputs(sequence=lambda y: y + 1)
    assert sequence(mistake.edits) == [-19, -19, -59]


def test_changed_outputs_show_no_layers():
    """They are those of the right loop, and would contradict the sequence."""
    outputs = run(CASE, NEW.change_outputs(h_n=lambda h_n: h_n + 1).edits)
    assert (outputs.layers, outputs.h_n.tolist()) == (None, [[[5]]])


def test_a_mistake_that_remembers_starts_each_time_with_an_empty_memory():
    mistake = NEW.remember(lambda: (lambda calls: lambda case: calls.append(1) or len(calls))([]))
    first, second = mistake.plant(), mistake.plant()
    assert [first(CASE), first(CASE), second(CASE)] == [1, 2, 1]


def test_two_changes_in_their_order():
    add = NEW.change_case(inputs=lambda x: x + 1).change_outputs(sequence=lambda y: y + 1).edits
    double = NEW.change_case(inputs=lambda x: x * 2).change_outputs(sequence=lambda y: y * 2).edits
    assert sequence(combined(add, double)) == [10, 10, 26]  # 2 * (2 (x + 1), summed, + 1)
    assert sequence(combined(double, add)) == [7, 7, 21]


def test_two_changes_of_different_parts_of_a_step():
    step, carry = Edits(step=lambda now: now.input_t), Edits(carry=lambda now, output: output * 0)
    hold = Edits(hold=lambda now, state: state)
    assert combined(combined(step, carry), hold) == Edits((), (), step.step, carry.carry, hold.hold)
    assert combined(step, NOTHING) == step


@pytest.mark.parametrize("part", ["step", "carry", "hold"])
def test_no_two_changes_of_one_part_of_a_step(part):
    edits = Edits(**{part: lambda now, *_: now.state_t})
    assert combined(edits, edits) is None


def test_the_pre_activation_is_what_the_activation_takes():
    steps = []
    run(CASE, Edits(step=lambda now: steps.append(pre_activation(now).item()) or now.equation()[0]))
    assert steps == [1, 3, 4]


def test_a_mistake_of_the_catalogue_reads_as_a_row():
    mistake = BY_NAME["bias rolled"]
    assert mistake.sentence == "The bias belongs to the neighbouring unit."
    assert mistake.fix == "keep one order of units in W, U and b"
    assert not mistake.applies(CASE)  # one unit
