"""What a run was judged on, in words; and what to do where that proves too little."""

import pytest

from harness.draw.generate import choices_at
from harness.draw.limits import limits
from harness.runs.coverage import Coverage
from harness.runs.scope import Scope, more_cases, scope_of
from harness.runs.values import expected_values

ALLOWED = limits()


def scope(refuses, count=300, examples=200, allowed=ALLOWED, interrupted=False):
    coverage = Coverage(allowed, examples)
    for index in range(count):
        values = expected_values(*choices_at(index, 0, allowed))
        coverage.add(values, "refused" if refuses(dict(values), index) else "agrees")
    return scope_of("mine", coverage, examples, allowed, interrupted)


def test_a_run_that_refused_nothing_has_nothing_to_say():
    one = scope(lambda values, index: False)
    assert (str(one), one.gap, one.judged) == ("", "", 300)


def test_what_was_always_refused_is_named_and_is_no_gap():
    one = scope(
        lambda v, index: v["mask"] or v["bidirectional"] or v["nonlinearity"] == "relu", count=600
    )
    assert str(one) == "relu, two directions and masks were refused"
    assert one.gap == ""


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_what_only_a_refused_cell_has_is_refused_with_it(cell):
    allowed = limits(cell=("lstm", cell))
    one = scope(lambda values, index: values["cell"] == cell, 60, 30, allowed)
    assert (str(one), one.gap) == (f"{cell} was refused", "")
    kept = scope(lambda values, index: values["cell"] == "lstm", 60, 30, allowed)
    assert str(kept) == "lstm was refused"


def test_a_single_thing_has_its_verb():
    assert str(Scope(1, ("relu",))) == "relu was refused"
    assert str(Scope(1, ("masks",), ("relu", "linear"))) == (
        "masks were refused; relu and linear were in no case that was judged"
    )


def test_few_judged_cases_are_a_gap_with_the_limits_to_add():
    def refuses(values, index):
        return values["num_layers"] > 1 or index >= 30

    one = scope(refuses)
    assert 0 < one.judged < 30
    assert one.gap.startswith(
        f"mine was judged on {one.judged} of 300 cases, as it refused {300 - one.judged}. "
    )
    one = scope(lambda values, index: values["num_layers"] > 1, count=28)
    assert one.judged < 20
    assert one.gap == (
        f"mine was judged on {one.judged} of 28 cases, as it refused {28 - one.judged}. Add "
        "run.limits = {'num_layers': 1}: then only cases are drawn that it takes."
    )
    assert scope(lambda values, index: False, count=19).gap == (
        "mine was judged on 19 of 19 cases. Try more cases."
    )
    assert scope(lambda values, index: False, count=3, examples=3).gap == ""


def test_a_value_that_is_never_judged_is_a_gap():
    allowed = limits(nonlinearity=("tanh",) * 9999 + ("relu",), num_layers=1, masks=False)
    allowed = allowed._replace(choices={**allowed.choices, "go_backwards": (False,)})
    one = scope(lambda values, index: False, 30, 20, allowed)
    assert one.gap == "mine was judged on no case of relu. Try more cases."
    assert str(one) == "relu"


def test_a_value_that_is_judged_too_seldom_is_a_gap():
    """It is refused with a mask: neither always refused nor judged."""

    def refuses(values, index):
        return values["nonlinearity"] == "sigmoid" and index > 20

    one = scope(refuses)
    assert one.gap == (
        "mine was judged on fewer than 5 cases of sigmoid. Add run.limits with the sizes and "
        "options that it takes, or try more cases."
    )
    assert "sigmoid" not in str(one)


@pytest.mark.slow
def test_with_few_shapes_more_of_them_are_advised():
    one = scope(lambda values, index: False, 30, 20, limits(shapes=3))
    assert one.gap.endswith("Allow more than 3 shapes, or try more cases.")
    one = scope(lambda values, index: False, 30, 20, limits(layer_kinds=4))
    assert one.gap.endswith("Allow more than 4 kinds of layers, or try more cases.")

    assert more_cases(3, 4).startswith("Allow more than 3 shapes and 4 kinds of layers, or ")


def test_limits_leave_out_masks_and_initial_states():
    def refuses(values, index):
        return values["mask"] or values["initial_state"] or values["bias"]

    one = scope(refuses, count=900, examples=4000)
    assert "run.limits = {'bias': False, 'masks': False, 'initial_states': False}" in one.gap


def test_an_interrupted_run_gives_no_advice():
    one = scope(lambda values, index: False, count=7, interrupted=True)
    assert one.gap == "mine was judged on 7 cases when the run was interrupted."
