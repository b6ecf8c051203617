"""The verdict: its sentences to the letter, the exceptions that carry it, and what comes back from
another process.
"""

import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from harness.judge.calls.crash import CrashPlace
from harness.judge.verdict import (
    KINDS,
    Inconclusive,
    Mismatch,
    NotVerified,
    Place,
    Refused,
    Verdict,
)
from references.case import Case, CellWeights, Config

INF = float("inf")
NUMBERS = {"layer": 1, "direction": 0, "batch": 2, "time": 3, "unit": 4}


def case_of(origin: str = "") -> Case:
    cell = CellWeights(np.ones((2, 3), "float32"), np.ones((2, 2), "float32"))
    return Case(Config(3, 2), (cell,), np.ones((2, 5, 3), "float32"), origin=origin)


def place(actual: float, expected: float, allowed: float, ulp: float = 6.0) -> Place:
    return Place(**NUMBERS, actual=actual, expected=expected, allowed=allowed, ulp=ulp)


def verdict_of(kind: Any, case: Case | None = None, **rest: Any) -> Verdict:
    return Verdict(kind, "mine:run", case or case_of(), "because", **rest)


@pytest.mark.parametrize(
    ("actual", "expected", "allowed", "ratio"),
    [
        (1.5, 1.0, 0.25, 2),
        (0.5, 1.0, 0.25, 2),
        (-1, 2, 8, 0.375),
        (1, 1, 0.25, 0),
        (1, 1, 0, 0),
        (1, 1.5, 0, INF),
        (-1, 1, 0, INF),
    ],
)
def test_the_ratio_is_the_difference_as_a_share_of_what_is_allowed(
    actual: float, expected: float, allowed: float, ratio: float
) -> None:
    assert place(actual, expected, allowed).ratio == ratio


def test_a_nan_where_the_output_must_be_equal_is_infinitely_far_outside() -> None:
    assert place(float("nan"), 1, 0).ratio == INF


def test_a_place_reads_as_its_coordinates() -> None:
    assert str(place(1, 1, 1)) == "layer 1, direction 0, batch 2, time 3, unit 4"


def test_the_worst_ratio_is_that_of_the_worst_place_and_0_without_one() -> None:
    assert verdict_of("agrees").worst_ratio == 0
    assert verdict_of("agrees", worst=place(1.5, 1, 2)).worst_ratio == 0.25


def test_a_verdict_without_outputs_has_counted_nothing_and_checked_nothing() -> None:
    verdict = verdict_of("refused")
    assert (verdict.outputs, verdict.exact, verdict.undecided, verdict.wrong) == (0, 0, 0, 0)
    assert (verdict.worst, verdict.first, verdict.h_n_checked, verdict.cause) == (
        None,
        None,
        False,
        None,
    )
    assert str(verdict) == f"mine:run refused: because\n  case        {verdict.case!r}"


def test_a_difference_is_printed_with_its_place_both_values_its_bound_its_counts_and_its_case() -> (
    None
):
    case = case_of("next(sample_cases(1))")
    counted = {"outputs": 20, "exact": 7, "undecided": 2, "wrong": 3}
    verdict = verdict_of(
        "differs",
        case,
        **counted,
        worst=place(9, 1, 1),
        first=place(0.75, 1, 0.0625),
        h_n_checked=True,
    )
    assert str(verdict).splitlines() == [
        "mine:run differs: because",
        "  where       layer 1, direction 0, batch 2, time 3, unit 4 (the first that differs)",
        "  actual      0.75",
        "  expected    1",
        "  difference  0.25, 6 ulp of float32",
        "  allowed     0.0625",
        "  ratio       4",
        (
            "  outputs     3 of 20 outside, 7 had to be equal, 2 undecided, worst ratio 8; "
            "final state checked"
        ),
        f"  case        {case!r}",
        "  rebuild     next(sample_cases(1))",
    ]


def test_where_nothing_is_allowed_the_bound_says_that_the_output_is_equal_or_wrong() -> None:
    lines = str(verdict_of("differs", first=place(-0.75, 1, 0))).splitlines()
    assert lines[4:7] == [
        "  difference  1.75, 6 ulp of float32",
        "  allowed     0 (exact: equal or wrong)",
        "  ratio       inf",
    ]


def test_agreement_is_printed_without_its_case() -> None:
    verdict = verdict_of("agrees", outputs=20, exact=20, worst=place(1.5, 1, 2))
    assert str(verdict).splitlines() == [
        "mine:run agrees: because",
        (
            "  outputs     0 of 20 outside, 20 had to be equal, 0 undecided, worst ratio 0.25; "
            "final state not checked: none was given"
        ),
    ]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"agrees"}))
def test_all_that_is_no_agreement_is_printed_with_its_case(kind: str) -> None:
    assert "  case        Case(" in str(verdict_of(kind))


def _raised() -> BaseException:
    with pytest.raises(ValueError, match="broken") as raised:
        raise ValueError("broken")
    return raised.value


def test_a_crash_is_printed_with_the_line_that_raised() -> None:
    crash = CrashPlace("ValueError", "my_rnn.py", 3, "rnn", "raise ValueError")
    lines = str(verdict_of("crashed", cause=ValueError(), crash=crash)).splitlines()
    assert lines[1] == "  raised at   my_rnn.py:3, in rnn: raise ValueError"
    lines = str(
        verdict_of("crashed", cause=ValueError(), crash=crash._replace(source=""))
    ).splitlines()
    assert lines[1] == "  raised at   my_rnn.py:3, in rnn"


def test_a_crash_that_was_in_nobodys_code_names_no_place() -> None:
    assert "raised at" not in str(verdict_of("crashed", cause=ValueError()))


def test_the_repr_is_one_line_and_the_html_is_escaped() -> None:
    verdict = Verdict("differs", "<lambda>", case_of(), "because")
    assert repr(verdict) == "Verdict(<lambda> differs: because)"
    assert verdict._repr_html_().startswith("<pre>&lt;lambda&gt; differs: because\n")
    assert verdict._repr_html_().endswith("</pre>")


def test_what_code_raises_is_escaped_wherever_a_verdict_is_printed() -> None:
    verdict = Verdict("crashed", "mine", case_of(), "it raised \x1b[31m")
    for text in (str(verdict), repr(verdict), str(Mismatch(verdict, "red \x1b[31m"))):
        assert "\x1b" not in text
        assert r"\x1b[31m" in text


def test_a_verdict_and_its_places_cannot_be_changed() -> None:
    for value, field in ((verdict_of("differs"), "kind"), (place(1, 1, 1), "actual")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, field, "agrees")


def test_agreement_raises_nothing_and_is_given_back() -> None:
    verdict = verdict_of("agrees")
    assert verdict.raise_if_not_verified() is verdict


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("differs", Mismatch),
        ("crashed", Mismatch),
        ("refused", Refused),
        ("inconclusive", Inconclusive),
    ],
)
def test_each_kind_that_is_no_agreement_has_its_exception(
    kind: str, error: type[NotVerified]
) -> None:
    verdict = verdict_of(kind)
    with pytest.raises(NotVerified) as raised:
        verdict.raise_if_not_verified()
    assert raised.type is error
    assert issubclass(error, AssertionError)
    assert raised.value.verdict is verdict
    assert str(raised.value) == str(verdict)


def test_a_mismatch_carries_the_cause_and_the_diagnosis() -> None:
    cause = _raised()
    with pytest.raises(Mismatch) as raised:
        verdict_of("crashed", cause=cause).raise_if_not_verified("U transposed")
    assert raised.value.__cause__ is cause
    assert str(raised.value).splitlines()[-1] == "  diagnosis   U transposed"


def test_the_diagnosis_is_made_once_and_not_before_it_is_asked_for() -> None:
    asked: list[int] = []

    def diagnose() -> int:
        asked.append(1)
        return len(asked)

    error = Mismatch(verdict_of("differs"), diagnose)
    assert asked == []
    assert (error.diagnosis, error.diagnosis) == ("1", "1")
    assert str(error).endswith("\n  diagnosis   1")


@pytest.mark.parametrize("error", [Mismatch, Refused, Inconclusive])
def test_an_exception_comes_back_from_another_process_with_its_diagnosis_and_without_its_cause(
    error: type[NotVerified],
) -> None:
    crash = CrashPlace("ValueError", "my_rnn.py", 3, "rnn", "raise ValueError")
    given = error(
        verdict_of("crashed", cause=_raised(), crash=crash, outputs=3, first=place(1, 2, 0.5)),
        lambda: "U transposed",
    )
    back = pickle.loads(pickle.dumps(given))
    assert type(back) is error
    assert (back.verdict.cause, back.verdict.crash, back.diagnosis) == (None, crash, "U transposed")
    assert (back.verdict.outputs, back.verdict.first) == (3, place(1, 2, 0.5))
