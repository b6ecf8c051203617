"""Sight: which mistakes cases would have caught, and why they miss the others."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases, verify
from harness.draw.limits import limits
from harness.judge.calls.second_calls import from_zeros, other_weights
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.sight import PLAIN, Sight, common_reason, describe_blindness, sight
from references.notebook import LIMITS
from references.numpy_rnn import run
from tests.mistakes.blind import CLEAR, NOTEBOOK, ONES, SCALED, UNBIASED, clear, constant


@pytest.fixture(scope="module")
def drawn() -> Sight:
    return sight(sample_cases(60, seed=1))


def test_drawn_cases_see_nearly_all(drawn):
    assert not drawn.blind
    assert drawn.applicable >= 95
    assert len(drawn.missed) <= 2, drawn.missed
    assert drawn.median <= 2
    assert drawn.judgements >= drawn.applicable
    assert set(PLAIN) <= set(drawn.caught)


def test_the_sentence_counts_what_is_caught(drawn):
    caught = f"{len(drawn.caught)} of {drawn.applicable} known mistakes"
    assert str(drawn).startswith(f"these cases would have caught {caught}, half of them on the ")


def test_the_sentence_says_how_soon():
    assert str(Sight({"NaN": 1}, {}, 1)).endswith("half of them on the first applicable case")
    assert str(Sight({"NaN": 3}, {}, 3)).endswith("half of them within 3 applicable cases")


def test_the_notebooks_data_are_blind_and_saturated():
    result = sight([NOTEBOOK])
    assert result.blind
    assert "the outputs are saturated" in result.missed["U transposed"]
    assert "U transposed" in str(result)
    assert "the outputs are saturated" in str(result)


def test_scaled_data_see_a_transposed_u():
    result = sight([SCALED])
    assert "U transposed" in result.caught
    # There is no initial state to ignore.
    assert "initial state ignored" not in {**result.caught, **result.missed}


def test_constant_weights_hide_orders_and_say_so():
    result = sight([constant()])
    assert {"U transposed", "W units reversed", "features permuted"} <= set(result.missed)
    assert "the weights are constant" in result.missed["U transposed"]
    assert "U is symmetric" in result.missed["U transposed"]
    assert "the initial state is zero" in result.missed["U transposed"]


def test_a_mistake_that_applies_nowhere_is_neither_caught_nor_missed():
    result = sight([SCALED])
    for name in ("mask ignored", "halves the other way", "only the first layer", "leaky relu"):
        assert name in BY_NAME
        assert name not in {**result.caught, **result.missed}
        assert name in result.untried
    count = len(MISTAKES) - result.applicable
    assert len(result.untried) == count > 0
    assert str(result).endswith(f"; {count} more could not be tried")


@pytest.mark.slow
def test_what_a_second_call_shows_is_caught_as_the_cases_were_called():
    """Weights that are kept show with other weights; state that zeros do not reset, from zeros."""
    cases = list(sample_cases(12, seed=1, hidden_size=(3, 6), time=(3, 6)))
    kept, state = "weights of an earlier call", "zero state not reset"
    assert {kept, state} <= set(sight(cases, again=[None] * 12).untried)
    assert kept in sight(cases, again=[None, other_weights] * 6).caught
    started = [case for case in cases if case.h_0.any()]
    from_zero = sight(started, again=[from_zeros] * len(started))
    with pytest.raises(ValueError, match="shorter"):
        sight(cases, again=[None])
    assert state in from_zero.caught
    assert kept in from_zero.missed
    assert "one buffer for all calls" in from_zero.caught


def test_no_case_sees_nothing():
    result = sight([])
    assert (result.applicable, result.median, result.judgements) == (0, 0, 0)
    assert str(result) == "no known mistake applies to these cases"


def test_each_mistake_is_tried_on_so_many_cases_and_no_more():
    blind = [constant() for _ in range(5)]
    assert sight(blind, tries=2).judgements <= 2 * len(MISTAKES)
    assert sight(blind, tries=1).judgements < sight(blind, tries=3).judgements


def test_a_run_is_blind_where_one_plain_mistake_or_half_of_all_is_missed():
    assert not Sight({"NaN": 1}, {}, 1).blind
    assert Sight({"NaN": 1, "noise": 1}, {"U transposed": "x"}, 3).blind
    assert not Sight({"NaN": 1, "noise": 1}, {"tanh overflows": "x"}, 3).blind
    assert Sight({"NaN": 1}, {"tanh overflows": "x", "hard tanh": "x"}, 3).blind


def test_reasons_are_grouped():
    text = str(Sight({"NaN": 1}, {"U transposed": "x", "U identity": "y", "W reshaped": "x"}, 4))
    assert text.endswith("; not U transposed, W reshaped: x; not U identity: y")


HIDING = {
    "the outputs are saturated": clear(inputs=CLEAR.inputs + 1000),
    "U is symmetric": clear(
        weights=(replace(CLEAR.weights[0], U=np.eye(3, dtype=CLEAR.config.dtype)),)
    ),
    "the weights are constant": constant(),
    "the bias is zero": clear(weights=UNBIASED),
    "the initial state is zero": clear(h_0=None),
    "there is one time step": clear(inputs=CLEAR.inputs[:, :1]),
    "the inputs are all the same": clear(inputs=np.full_like(CLEAR.inputs, 0.5)),
    "the outputs are all zero": clear(inputs=CLEAR.inputs * 0, h_0=None, weights=UNBIASED),
}


@pytest.mark.parametrize("reason", HIDING)
def test_a_reason_stands_where_it_holds_for_all_cases_and_not_elsewhere(reason):
    other = clear(h_0=ONES) if "zero" in reason else SCALED
    assert reason in common_reason([HIDING[reason]]).split(" and ")
    assert reason not in common_reason([HIDING[reason], other]).split(" and ")


def test_one_unit_is_a_reason():
    (case,) = sample_cases(1, hidden_size=1)
    assert "there is one unit" in common_reason([case])


def test_without_a_reason_the_change_is_too_small():
    assert common_reason([clear(h_0=ONES)]) == "too small a change on 1 case"
    assert common_reason([clear(h_0=ONES)] * 2) == "too small a change on 2 cases"


def test_a_reason_that_hides_another_mistake_is_not_given_for_this_one():
    """A zero initial state hides no dropped bias."""
    result = sight([clear(weights=UNBIASED, h_0=ONES)])
    assert result.missed["bias dropped"] == "the bias is zero"


def test_a_blind_case_names_the_plain_mistakes_that_it_misses():
    text = describe_blindness(constant())
    assert text.startswith("This case agrees, but it would also agree with U transposed, ")
    assert "the weights are constant" in text
    assert text.endswith(".")
    assert describe_blindness(clear(h_0=ONES / 2)) == ""


@pytest.mark.slow
def test_a_blind_case_is_looked_at_once_and_forgotten_with_it(monkeypatch):
    looks = []
    monkeypatch.setattr(
        "harness.mistakes.sight.caught_early", lambda case, plain: looks.append(case) or ()
    )
    case, other = constant(), constant()
    assert describe_blindness(case) == describe_blindness(case) == describe_blindness(other)
    assert looks == [case, other]
    held = weakref.ref(case)
    looks.clear()
    del case
    gc.collect()
    assert held() is None


def test_a_run_on_blind_cases_exits_with_3():
    smallest = {"time": 1, "batch": 1, "hidden_size": 1, "input_size": 1}
    report = verify(run, examples=2, **smallest, initial_states=False, masks=False)
    assert (report.exit_status, report.agrees) == (3, False)
    assert "would have hidden plain mistakes" in report.sentence
    assert "there is one time step" in str(report)


def test_what_limits_force_on_every_case_is_no_reason():
    cases = [clear(h_0=None)] * 5
    small = "too small a change on 5 cases"
    assert common_reason(cases) == "the initial state is zero"
    assert common_reason(cases, [limits()]) == "the initial state is zero"
    assert common_reason(cases, [limits(), limits(initial_states=False)]) == small
    assert common_reason([clear(weights=UNBIASED)] * 5, [limits(bias=False)]) == small
    few = sight(sample_cases(5, **LIMITS), limits=[limits(**LIMITS)])
    assert few.missed
    assert set(few.missed.values()) == {small}
