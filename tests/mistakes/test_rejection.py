"""What is said of a right variant that a user's own check rejects."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.rejection import Rejection, attempt, rejection
from harness.mistakes.right_variants import RIGHT, right_variants
from references import Unsupported, installed
from references.numpy_rnn import run as loop

LIMITS = {
    "num_layers": 1, "bidirectional": False, "go_backwards": False, "masks": False,
    "nonlinearity": "tanh", "dtype": "float32", "time": (3, 9), "hidden_size": (4, 9),
}  # fmt: skip
ROUNDED = list(sample_cases(3, seed=3, regimes="contracting", **LIMITS))
EXACT = list(sample_cases(2, seed=3, regimes="ternary", **LIMITS))
VARIANT = RIGHT["sums from the other end"]


def equal_on(cases):
    """A check that stops at the first case that is not bit-identical."""

    def check(run):
        for case in cases:
            assert np.array_equal(run(case).sequence, loop(case).sequence), "differs"

    return check


def rejected(check, variant=VARIANT, calls=None):
    trial = attempt(check, variant)
    assert trial.error is not None
    return rejection(check, "it", variant, trial, calls or attempt(check, loop).calls)


def test_each_call_is_tried_alone_though_the_check_stops_at_the_first():
    check = equal_on([*EXACT[:1], *ROUNDED, *EXACT[1:]])
    assert attempt(check, VARIANT).calls == 2
    one = rejected(check)
    assert (one.calls, one.rejected, one.stopped) == (5, 3, 2)
    ratios = [judge(case, VARIANT, calls=1).worst_ratio for case in ROUNDED]
    assert one.ratio == max(ratios) > 0
    assert str(one) == (
        "it on 3 of 5 calls: tighter than arithmetic allows; "
        f"the derived bound is {1 / max(ratios):.0f} times wider than its difference"
    )


def test_the_check_sees_the_loop_at_the_other_calls():
    seen = []

    def check(run):
        seen.append([np.array_equal(run(case).sequence, loop(case).sequence) for case in ROUNDED])

    attempt(check, VARIANT, only=2)
    assert seen == [[True, False, True]]


def test_of_many_calls_it_says_where_the_check_stops():
    one = rejected(equal_on([*EXACT, *ROUNDED * 10]))
    assert (one.rejected, one.stopped, one.calls) == (None, 3, 32)
    assert str(one).startswith("it at call 3 of 32 calls, where it stops: tighter than")


def test_a_check_of_all_together_is_not_said_to_reject_a_call():
    def check(run):
        equal = [np.array_equal(run(case).sequence, loop(case).sequence) for case in ROUNDED]
        assert sum(equal) > 1

    assert str(rejected(check)).startswith("it on 3 calls together, and on none of them alone: ")


def test_a_variant_that_is_not_proved_right_counts_for_nothing():
    assert rejected(equal_on(ROUNDED), BY_NAME["U transposed"].plant()) is None


def test_a_refusal_is_noted_whatever_the_check_makes_of_it():
    def refuses(case):
        raise Unsupported("masks")

    trial = attempt(equal_on(ROUNDED), refuses)
    assert trial.refuses
    assert isinstance(trial.error, Unsupported)


def test_a_check_that_wants_another_form_is_not_called_tight():
    def check(run):
        for case in ROUNDED:
            assert run(case).layers is not None, "no layers"

    one = rejected(check, lambda case: replace(VARIANT(case), layers=None))
    assert one.form == "no layers"
    assert str(one) == "it for the form of its outputs, not for their values: no layers"
    assert "tighter" in str(
        rejected(equal_on(ROUNDED), lambda case: replace(VARIANT(case), h_n=None))
    )


def test_the_interrupt_of_a_user_is_raised():
    def check(run):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt(check, loop)


def test_a_difference_of_one_part_in_four_of_the_bound_is_said_with_one_digit():
    assert "; the derived bound is 4.0 times wider than its" in str(Rejection("x", 5, 3, 1, 0.25))
    assert str(Rejection("x", 1, 1, 1, 0.0)) == "x on 1 of 1 call: tighter than arithmetic allows"


@pytest.mark.framework
@pytest.mark.parametrize("name", ["torch", "keras"])
def test_a_frameworks_rounding_is_rejected_by_equality_alone(name):
    if name not in installed():
        pytest.skip(f"{name} is not installed")
    variant = right_variants((name,))[name]
    one = rejected(equal_on(ROUNDED), variant)
    assert one.form == ""
    assert one.rejected >= 1
    assert 1 < one.times < 1e4
