"""audit: what a user's own check catches, and what it says of the rest."""

from functools import partial

import numpy as np
import pytest

from harness import audit as audit_with_frameworks
from harness import check, sample_cases
from harness.draw.example import notebook_case
from harness.mistakes.audit import Audit, WrongCheck
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.right_variants import RIGHT
from references import Unsupported
from references.numpy_rnn import run as loop

audit = partial(audit_with_frameworks, frameworks=())  # test_rejection.py has the frameworks
NOTEBOOK = notebook_case(scaled=False, dtype="float64", seed=0)
SCALED = notebook_case(scaled=True, dtype="float64", seed=0)
SINGLE = notebook_case(scaled=True, dtype="float32", seed=0)


def close(case):
    """As a user would write it; the rtol and atol are the user's."""
    expected = loop(case).sequence
    return lambda run: np.testing.assert_allclose(run(case).sequence, expected)


@pytest.fixture(scope="module")
def notebook() -> Audit:
    return audit(close(NOTEBOOK))


@pytest.mark.deep
@pytest.mark.slow
def test_our_own_check_over_drawn_cases_catches_nearly_all():
    drawn = list(sample_cases(60, seed=1, time=(1, 12), hidden_size=(1, 16)))
    drawn += sample_cases(
        4,
        seed=2,
        num_layers=3,
        input_size=4,
        hidden_size=4,
        bidirectional=False,
        go_backwards=False,
    )
    drawn += sample_cases(4, seed=3, time=3, batch=3, nonlinearity="tanh")

    def mine(run):
        for case in drawn:
            check(case, run)

    result = audit(mine)
    assert len(result.missed) <= 3, result.missed
    assert result.score > 0.95
    assert set(result.caught) | set(result.missed) == {mistake.name for mistake in MISTAKES}
    assert result.untried == ()


def test_a_check_on_the_notebooks_own_data_misses_a_transposed_u_and_many_more(notebook):
    assert "U transposed" in notebook.missed
    assert "U columns reversed" in notebook.missed
    assert len(notebook.missed) > 20
    assert "mask ignored" in notebook.untried
    assert "  never tried, since they change nothing on its cases: " in str(notebook)
    assert "  missed: U transposed. U is used as its own transpose." in str(notebook).splitlines()


@pytest.mark.slow
def test_the_same_check_on_scaled_data_sees_it(notebook):
    scaled = audit(close(SCALED))
    assert "U transposed" in scaled.caught
    assert set(notebook.caught) < set(scaled.caught)


def test_it_is_complete_and_in_the_order_of_the_catalogue(notebook):
    assert not set(notebook.caught) & set(notebook.missed)
    names = [mistake.name for mistake in MISTAKES]
    assert sorted(notebook.caught + notebook.missed + notebook.untried) == sorted(names)
    assert not set(notebook.untried) & set(notebook.missed)
    assert list(notebook.missed) == [name for name in names if name in notebook.missed]
    assert notebook.score == len(notebook.caught) / len(MISTAKES)


@pytest.mark.slow
def test_a_check_that_cannot_fail_catches_none():
    result = audit(lambda run: run(NOTEBOOK))
    assert (result.caught, result.score) == ((), 0)
    assert str(result).startswith(f"This check catches 0 of {len(MISTAKES)} known mistakes.")


@pytest.mark.slow
def test_a_dropped_bool_catches_none():
    assert (
        audit(lambda run: np.array_equal(run(SCALED).sequence, loop(SCALED).sequence)).caught == ()
    )


def test_a_check_that_fails_for_the_right_loop_is_refused():
    def unfair(run):
        raise AssertionError("the numbers differ\nby much")

    with pytest.raises(
        ValueError,
        match=(
            r"^the check fails for the right loop already: the numbers differ, "
            r"raised at .*test_audit\.py:\d+, in .*unfair: raise "
        ),
    ) as raised:
        audit(unfair)
    assert isinstance(raised.value.__cause__, AssertionError)


def test_a_check_that_never_calls_what_it_is_given_is_refused():
    with pytest.raises(ValueError, match=r"never calls the function .*: call run\(case\)"):
        audit(lambda run: None)


def test_a_check_that_fails_without_a_word_is_refused_all_the_same():
    def silent(run):
        raise AssertionError

    with pytest.raises(
        ValueError,
        match=(
            r"^the check fails for the right loop already: AssertionError\(\), raised at .*: raise "
        ),
    ):
        audit(silent)


@pytest.mark.parametrize(
    "error", [KeyError("x"), TypeError("no such argument"), ZeroDivisionError("1 / 0")]
)
def test_a_check_that_breaks_on_the_right_loop_is_refused(error):
    """Else it would break on every mistake as well, and be praised for catching all."""

    def broken(run):
        raise error

    with pytest.raises(ValueError, match="the right loop") as raised:
        audit(broken)
    assert raised.value.__cause__ is error


def test_a_check_that_breaks_on_a_mistake_does_not_pass():
    def strict(run):
        outputs = run(SCALED)
        if outputs.sequence.dtype != np.float64:
            raise TypeError("dtype")

    assert audit(strict).caught == ("narrower dtype",)


@pytest.mark.slow
def test_a_check_that_stops_a_test_by_pytest_fail_catches():
    def by_pytest(run):
        if not np.array_equal(run(SCALED).sequence, loop(SCALED).sequence):
            pytest.fail("differs")

    assert "U transposed" in audit(by_pytest).caught


def test_the_interrupt_of_a_user_is_not_a_catch():
    calls = []

    def interrupted(run):
        calls.append(run(NOTEBOOK))
        if len(calls) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit(interrupted)


@pytest.mark.slow
def test_a_check_is_called_with_the_loop_each_mistake_and_each_right_variant():
    """What remembers gets an empty memory: no implementation is the same object."""
    runs = []

    def remembers(run):
        runs.append(run)
        run(NOTEBOOK)

    audit(remembers)
    assert len(set(runs)) == len(runs) == 1 + len(MISTAKES) + len(RIGHT)


def tight(run):
    """A tolerance that somebody chose."""
    np.testing.assert_allclose(run(SINGLE).sequence, loop(SINGLE).sequence, rtol=1e-7)


def derived(run):
    check(SINGLE, run)


@pytest.mark.slow
def test_a_tolerance_below_rounding_rejects_right_variants_and_the_derived_one_none():
    result, just = audit(tight), audit(derived)
    assert {one.variant for one in result.rejected} == set(RIGHT)
    assert result.accepted == just.rejected == ()
    assert set(just.accepted) == set(RIGHT)
    text, just_text = str(result), str(just)
    assert "It rejects 5 of 5 right variants that round differently.\n  rejects sums from" in text
    assert "on 1 of 1 call: tighter than arithmetic allows; the derived bound is " in text
    names = ", ".join(RIGHT)
    accepts = f"It accepts all 5 right variants that round differently.\n  accepts {names}"
    assert just_text.endswith(accepts)
    assert "tighter" not in just_text


@pytest.mark.slow
def test_a_variant_that_refuses_the_checks_cases_does_not_count(monkeypatch):
    def refuses(case):
        raise Unsupported("tanh")

    variants = {**RIGHT, "refuses": refuses}
    monkeypatch.setattr("harness.mistakes.audit.right_variants", lambda frameworks: variants)
    assert "refuses" not in str(audit(tight))
    assert {one.variant for one in audit(tight).rejected} == set(RIGHT)


def test_cases_on_which_nothing_rounds_prove_nothing_and_it_says_so():
    (exact,) = sample_cases(1, regimes="ternary", num_layers=1, time=5, hidden_size=4)

    def equal(run):
        assert np.array_equal(run(exact).sequence, loop(exact).sequence)

    result = audit(equal)
    assert result.accepted == result.rejected == ()
    assert "No right variant rounds differently on its cases" in str(result)


def test_the_repr_is_short_and_the_html_is_escaped():
    result = Audit(("NaN",), ("U transposed", "U identity"))
    assert repr(result) == "Audit(caught=1, missed=2, untried=0, accepted=0, rejected=0)"
    assert result._repr_html_().startswith("<pre>This check catches 1 of 3 known mistakes.\n")
    html = Audit((), tuple(BY_NAME))._repr_html_()
    assert html.count("<") == 2  # <pre> and </pre>
    assert "tanh is written as (exp(2z)" in html


def test_a_result_does_not_count_and_is_said_not_to():
    (case,) = sample_cases(1, num_layers=1, bidirectional=False, time=3)

    def returns(run):
        return bool(np.allclose(run(case).sequence, loop(case).sequence))

    sentence = "What a check returns does not count: it fails by raising, as assert does."
    assert sentence in str(audit(returns, frameworks=()))
    assert sentence not in str(audit(lambda run: run(case) and None, frameworks=()))


def test_what_runs_later_is_told_from_what_never_calls():
    (case,) = sample_cases(1)

    async def waits(run):
        run(case)

    def yields(run):
        yield run(case)

    for own, kind in ((waits, "coroutine"), (yields, "generator")):
        with pytest.raises(WrongCheck, match=f"gives a {kind}, of which nothing was run"):
            audit(own, frameworks=())
