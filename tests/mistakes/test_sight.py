"""Sight: which mistakes cases could have shown, why not the others, and the warning of a check on a blind case."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from harness import check, sample_cases, verify
from harness.draw.example import notebook_case
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.sight import PLAIN, BlindCase, Sight, blindness, sight, why
from references.case import Case, CellWeights, Config
from references.numpy_rnn import run


def built(case: Case) -> Case:
    """As if a user had written it: without an origin."""
    return replace(case, origin="")


def constant(value: float = 0.1) -> Case:
    """Keras' own SimpleRNN tests fill the weights with one constant."""
    full = np.full
    cell = CellWeights(
        full((3, 2), value, "float32"), full((3, 3), value, "float32"), full(3, value, "float32")
    )
    inputs = np.arange(12, dtype="float32").reshape(2, 3, 2) / 16
    return Case(Config(2, 3), (cell,), inputs)


NOTEBOOK = built(notebook_case(scaled=False, dtype="float64", seed=0))
SCALED = built(notebook_case(scaled=True, dtype="float64", seed=0))


@pytest.fixture(scope="module")
def drawn() -> Sight:
    return sight(sample_cases(60, seed=1))


def test_drawn_cases_see_nearly_all(drawn):
    assert not drawn.blind
    assert drawn.applicable >= 95
    assert len(drawn.unseen) <= 2, drawn.unseen
    assert drawn.median <= 2
    assert drawn.tried >= drawn.applicable
    assert set(PLAIN) <= set(drawn.seen)


def test_the_sentence_counts_what_was_seen(drawn):
    assert str(drawn).startswith(
        f"these cases would have caught {len(drawn.seen)} of {drawn.applicable} known mistakes, half of them "
    )


def test_the_notebooks_data_are_blind_and_saturated():
    seen = sight([NOTEBOOK])
    assert seen.blind
    assert "the outputs are saturated" in seen.unseen["U transposed"]
    assert "U transposed" in str(seen)
    assert "the outputs are saturated" in str(seen)


def test_scaled_data_see_a_transposed_u():
    seen = sight([SCALED])
    assert "U transposed" in seen.seen
    assert "initial state ignored" not in {**seen.seen, **seen.unseen}  # there is none to ignore


def test_constant_weights_hide_orders_and_say_so():
    seen = sight([constant()])
    assert {"U transposed", "W units reversed", "features permuted"} <= set(seen.unseen)
    assert "the weights are constant" in seen.unseen["U transposed"]
    assert "U is symmetric" in seen.unseen["U transposed"]
    assert "the initial state is zero" in seen.unseen["U transposed"]


def test_a_mistake_that_applies_nowhere_is_neither_seen_nor_unseen():
    seen = sight([SCALED])
    for name in (
        "mask ignored",
        "halves the other way",
        "only the first layer",
        "go_backwards ignored",
        "leaky relu",
    ):
        assert name in BY_NAME
        assert name not in {**seen.seen, **seen.unseen}


def test_no_case_sees_nothing():
    seen = sight([])
    assert (seen.applicable, seen.median, seen.tried, str(seen)) == (
        0,
        0,
        0,
        "no case to see anything on",
    )


def test_each_mistake_is_tried_on_so_many_cases_and_no_more():
    blind = [constant() for _ in range(5)]
    assert sight(blind, tries=2).tried <= 2 * len(MISTAKES)
    assert sight(blind, tries=1).tried < sight(blind, tries=3).tried


def test_a_run_is_blind_where_one_plain_mistake_or_half_of_all_went_unseen():
    assert not Sight({"NaN": 1}, {}, 1).blind
    assert Sight({"NaN": 1, "noise": 1}, {"U transposed": "x"}, 3).blind
    assert not Sight({"NaN": 1, "noise": 1}, {"tanh overflows": "x"}, 3).blind
    assert Sight({"NaN": 1}, {"tanh overflows": "x", "hard tanh": "x"}, 3).blind


def test_reasons_are_grouped():
    text = str(Sight({"NaN": 1}, {"U transposed": "x", "U identity": "y", "W reshaped": "x"}, 4))
    assert text.endswith("; not U transposed, W reshaped: x; not U identity: y")


def one(**changes) -> Case:
    """A case with nothing to hide, changed."""
    (case,) = sample_cases(
        1, seed=5, time=4, batch=2, input_size=3, hidden_size=3, num_layers=1, bidirectional=False, bias=True, masks=False,
        nonlinearity="tanh", regimes="contracting",
    )  # fmt: skip
    return replace(case, **changes)


REASONS = {
    "the outputs are saturated": lambda: one(inputs=one().inputs + 1000),
    "U is symmetric": lambda: one(
        weights=(replace(one().weights[0], U=np.eye(3, dtype=one().config.dtype)),)
    ),
    "the weights are constant": constant,
    "the bias is zero": lambda: one(weights=(CellWeights(one().weights[0].W, one().weights[0].U),)),
    "the initial state is zero": lambda: one(h_0=None),
    "there is one time step": lambda: one(inputs=one().inputs[:, :1]),
    "the inputs are all the same": lambda: one(inputs=np.full_like(one().inputs, 0.5)),
    "the outputs are all zero": lambda: one(
        inputs=one().inputs * 0,
        h_0=None,
        weights=(CellWeights(one().weights[0].W, one().weights[0].U),),
    ),
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_is_told_where_it_holds_and_not_elsewhere(reason):
    hiding = REASONS[reason]()
    assert reason in why([hiding]).split(" and ")
    assert reason not in why(
        [
            hiding,
            SCALED if "zero" not in reason else one(h_0=np.ones_like(one().h_0)),
        ]
    ).split(" and ")


def test_one_unit_is_a_reason():
    (case,) = sample_cases(1, hidden_size=1)
    assert "there is one unit" in why([case])


def test_no_reason_is_told_as_such():
    whole = one(h_0=np.ones_like(one().h_0))
    assert why([whole]) == "too small a change on 1 case"
    assert why([whole, whole]) == "too small a change on 2 cases"


def test_a_reason_that_hides_another_mistake_is_not_given_for_this_one():
    """A zero initial state hides no dropped bias."""
    zero_bias = one(
        weights=(CellWeights(one().weights[0].W, one().weights[0].U),),
        h_0=np.ones_like(one().h_0),
    )
    seen = sight([zero_bias])
    assert seen.unseen["bias dropped"] == "the bias is zero"


def test_check_warns_of_a_blind_case_that_the_caller_built():
    with pytest.warns(BlindCase) as caught:
        assert check(constant(), run).kind == "agrees"
    (warning,) = caught
    text = str(warning.message)
    assert text == blindness(constant())
    assert text.startswith("This case agrees, but it would also agree with U transposed, ")
    assert "the weights are constant" in text
    assert text.endswith(".")
    assert warning.filename == __file__  # the caller's line


def test_check_warns_of_the_notebooks_own_data():
    with pytest.warns(
        BlindCase, match=r"would also agree with U transposed.*: the outputs are saturated"
    ):
        check(NOTEBOOK, run)


def test_check_does_not_warn_of_a_case_that_sees():
    whole = built(one(h_0=np.ones_like(one().h_0) / 2))
    assert blindness(whole) == ""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(whole, run)


def test_check_does_not_warn_of_a_drawn_case():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for case in sample_cases(8, time=1, batch=1, input_size=1, hidden_size=1):
            assert check(case, run).kind == "agrees"


def test_a_wrong_implementation_on_a_blind_case_is_told_wrong_and_nothing_else():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AssertionError, match="differs"):
            check(constant(), lambda case: run(case).sequence * 2)


def test_a_run_on_blind_cases_exits_with_3():
    report = verify(
        run,
        examples=2,
        time=1,
        batch=1,
        hidden_size=1,
        input_size=1,
        initial_states=False,
        masks=False,
    )
    assert (report.exit_status, report.agrees) == (3, False)
    assert "would have hidden plain mistakes" in report.sentence
    assert "there is one time step" in str(report)
