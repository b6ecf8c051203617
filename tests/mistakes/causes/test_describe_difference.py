"""Each sentence on a wrong output, on arrays made for it, and none where it would not be true."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.calls.recorded import recorded
from harness.mistakes.causes.describe_difference import (
    UNKNOWN,
    describe,
    describe_sample,
    first_to_differ,
)
from harness.mistakes.causes.evidence import Sample
from harness.mistakes.causes.probes import on_probe
from harness.mistakes.mistake import NOTHING, Edits, run
from harness.mistakes.right_variants import edits_in_order, from_the_other_end, in_order
from references.case import Outputs

ALREADY = "The first step is wrong already"
RIGHT = np.arange(1.0, 25.0).reshape(2, 4, 3) ** 2  # (B, T, H): no number twice


def changed(*index) -> np.ndarray:
    other = RIGHT.copy()
    other[index] = -1
    return other


def sample(implementation, way=run, **limits):
    limits = {"cell": "rnn", "regimes": "contracting", "nonlinearity": "tanh"} | limits
    (case,) = sample_cases(1, 3, time=7, batch=3, hidden_size=6, **limits)
    return Sample.of(case, implementation, way)


def with_states(change):
    def model(case):
        outputs = run(case)
        change(outputs.h_n)
        return outputs

    return model


def test_the_sample_that_is_wrong_at_the_earliest_step_is_described():
    def from_step(first):
        def model(case):
            outputs = run(case)
            outputs.sequence[:, first:] += 1
            return outputs

        return model

    limits = {"num_layers": 1, "bidirectional": False}
    late, early, also = (sample(from_step(n), **limits) for n in (3, 1, 1))
    states = sample(with_states(lambda h_n: h_n.fill(9)), **limits)
    assert first_to_differ([states, late, early, also]) is early
    assert first_to_differ([states, late]) is late
    assert first_to_differ([states]) is states


def test_final_states_alone():
    def rows_alike(h_n):
        h_n[1, 1:] = h_n[1, :1]

    wrong = sample(with_states(rows_alike), num_layers=2, bidirectional=False)
    rows = "On this case wrong in batch row 1, 2 only, of 3."
    text = f"The sequence is right. h_n is wrong at index 1 of 2. {rows}"
    assert describe_sample(wrong) == text


def test_final_states_alone_though_the_sequence_has_other_bits():
    def wrong_state(case):
        outputs = run(case, edits_in_order(NOTHING, from_the_other_end))
        assert (outputs.sequence != run(case).sequence).any()
        return outputs.sequence, -outputs.h_n

    wrong = sample(wrong_state, num_layers=1, bidirectional=False, masks=False)
    assert describe_sample(wrong) == "The sequence is right. h_n is wrong at index 0 of 1."


def test_a_lower_layer_alone():
    def wrong_below(case):
        layers = run(case).layers
        return Outputs(layers[-1], layers=(-layers[0], layers[-1]))

    limits = {"num_layers": 2, "bidirectional": False, "regimes": "ternary"}
    assert describe_sample(sample(wrong_below, **limits)) == (
        "The sequence is right. A lower layer is not."
    )


def test_where_the_lower_layers_are_not_known_the_highest_one_tells():
    def swapped(case):
        outputs = run(case)
        return Outputs(np.nextafter(outputs.sequence, 2), outputs.h_n[::-1])

    (case,) = sample_cases(1, 3, time=7, batch=3, regimes="contracting", num_layers=2)
    text = "The sequence is right. h_n is wrong at index 0, 1 of 2."
    assert describe_sample(Sample.of(case, recorded(case, swapped(case)))) == text


def test_where_no_layers_are_known_no_step_is_said_to_be_wrong():
    def other_layers(case):
        return replace(run(case), sequence=-run(case).sequence)

    (case,) = sample_cases(1, 3, time=7, batch=3, regimes="contracting", num_layers=2)
    assert describe_sample(Sample.of(case, other_layers)) == UNKNOWN


def test_a_probe_is_no_failing_case():
    (case,) = sample_cases(1, 3, cell="rnn", time=7, batch=3, hidden_size=6, regimes="ternary")
    wrong = Sample.of(case, lambda case: -run(case).sequence, on_probe)
    assert describe_sample(wrong).startswith("Tried on 7 steps, 3 rows and 6 units: The first step")


def test_what_rounds_is_not_compared_bit_for_bit():
    """Where a probe is not exact, a right step may have other bits than the loop."""

    def wrong_at_4(case):
        return run(case, Edits(step=step)).sequence

    def step(now):
        (h,) = in_order(now, from_the_other_end).equation()
        h = np.array(h)
        h[0] *= h.dtype.type(1.01 if now.t == 4 else 1)
        return (h,)

    limits = {"num_layers": 1, "bidirectional": False, "go_backwards": False, "masks": False}
    wrong = sample(wrong_at_4, on_probe, **limits)
    assert "The first 4 steps are right" in describe_sample(wrong)


def test_everything_wrong():
    text = describe(np.cos(RIGHT), RIGHT)
    assert text == f"{ALREADY}: look at weights, bias, activation and initial state."


def test_the_first_steps_right():
    assert (
        "The first 2 steps are right, step 2 is the first wrong one: look at what is carried"
        in describe(changed(slice(None), slice(2, 4)), RIGHT)
    )


def test_one_step_is_no_steps():
    assert "The first step is right, step 1 is the first wrong one" in describe(
        changed(slice(None), slice(1, 4)), RIGHT
    )


def test_later_steps_right():
    assert describe(changed(slice(None), 0), RIGHT).startswith(
        f"{ALREADY}; 3 later steps are right."
    )


def test_one_later_step_right():
    other = -RIGHT
    other[:, 2] = RIGHT[:, 2]
    assert describe(other, RIGHT).startswith(f"{ALREADY}; 1 later step is right.")


def test_one_row_and_one_unit():
    assert "On this case wrong in batch row 1 only, of 2." in describe(changed(1), RIGHT)
    assert "On this case wrong in unit 0, 2 only, of 3." in describe(changed(..., [0, 2]), RIGHT)
    assert "batch row" not in describe(changed(..., [0, 2]), RIGHT)


def test_many_units_are_cut_short():
    right = np.arange(1.0, 41.0).reshape(1, 2, 20)
    other = right.copy()
    other[..., :12] *= -3
    assert "On this case wrong in unit 0, 1, 2, 3, 4, 5, 6, 7, ... only, of 20." in describe(
        other, right
    )


def test_nan_is_wrong_and_counted():
    assert "2 outputs are NaN." in describe(np.where(RIGHT < 5, np.nan, RIGHT), RIGHT)
    assert "1 output is NaN." in describe(np.where(RIGHT < 2, np.nan, RIGHT), RIGHT)


@pytest.mark.parametrize(
    ("name", "axis", "order"),
    [("units", 2, [2, 0, 1]), ("time steps", 1, [3, 1, 0, 2]), ("batch rows", 0, [1, 0])],
)
def test_a_permutation_is_told_with_its_order(name, axis, order):
    assert f"The right numbers, with the {name} in the order {order}." in describe(
        np.take(RIGHT, order, axis), RIGHT
    )


def test_no_permutation_where_a_row_is_lost():
    """Two units are alike: each output is a right one, but not all of the right ones are there."""
    right = RIGHT[..., [0, 0, 1]]
    actual = RIGHT[..., [0, 1, 1]]
    assert "in the order" not in describe(actual, right)


def test_a_permutation_of_rows_that_are_alike_uses_each_once():
    right = RIGHT[..., [0, 0, 1]]
    text = describe(right[..., [2, 0, 1]], right)
    assert "with the units in the order [2, 0, 1]." in text


def test_a_shift_in_time():
    late = np.concatenate([RIGHT[:, :1] * 0, RIGHT[:, :-1]], axis=1)
    assert "Late by 1 step." in describe(late, RIGHT)
    early = np.concatenate([RIGHT[:, 2:], RIGHT[:, :2] * 0], axis=1)
    assert "Early by 2 steps." in describe(early, RIGHT)


def test_a_factor():
    assert "Every output is 2 times the right one." in describe(RIGHT * 2, RIGHT)
    assert "Every output is -1 times the right one." in describe(-RIGHT, RIGHT)
    assert "Every output is 0 times the right one." in describe(RIGHT * 0, RIGHT)


def test_no_factor_where_an_output_is_nan():
    assert "times the right one" not in describe(np.where(RIGHT < 5, np.nan, RIGHT), RIGHT)


def test_no_factor_where_an_output_should_be_zero_and_is_not():
    right = np.where(RIGHT < 5, 0, RIGHT)
    assert "times the right one" not in describe(RIGHT, right)
    assert "times the right one" in describe(right * 3, right)


def test_precision():
    assert "The greatest relative difference is 2^-20: a matter of precision." in describe(
        RIGHT * (1 + 2.0**-20 * (RIGHT > 9)), RIGHT
    )
    assert "a matter of precision" not in describe(RIGHT * (1 + 2.0**-3 * (RIGHT > 9)), RIGHT)


def test_no_matter_of_precision_where_zeros_are_wrong():
    right = np.where(RIGHT < 5, 0, RIGHT)
    assert "a matter of precision" not in describe(RIGHT * (1 + 2.0**-20 * (RIGHT > 9)), right)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_numbers_raise_no_warning(dtype):
    info = np.finfo(dtype)
    right = np.full((1, 2, 2), info.smallest_subnormal)
    for value in (info.max, np.inf, -np.inf, np.nan):
        assert ALREADY in describe(np.full_like(right, value), right)
        describe(right, np.full_like(right, value))


def test_no_wrong_sentence_on_a_single_output():
    assert (
        describe(np.ones((1, 1, 1)), np.zeros((1, 1, 1)))
        == f"{ALREADY}: look at weights, bias, activation and initial state."
    )


def test_where_the_bounds_say_what_is_wrong_nothing_else_is_said_to_be():
    outside = np.zeros(RIGHT.shape, bool)
    outside[:, 2, 1] = True
    text = describe(RIGHT * (1 + 2.0**-9), RIGHT, outside)
    assert text == (
        "The first 2 steps are right, step 2 is the first wrong one: "
        "look at what is carried from step to step. On this case wrong in unit 1 only, of 3."
    )
