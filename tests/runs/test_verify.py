"""verify and its Report: what is counted, what it exits with, what it raises, and what it says."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import Inconclusive, Mismatch, Refused, Report, verify
from harness.implementations.find import NotFound
from harness.judge.calls.observe import OtherCase
from harness.runs.verify import _counts, _few_kinds, by_default
from references import Unsupported
from references.case import Case, Outputs
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run

HERE = __name__
SMALL: dict[str, Any] = {
    "time": (2, 6),
    "batch": (1, 3),
    "input_size": (2, 5),
    "hidden_size": (2, 5),
}


def one_nan(case: Case) -> np.ndarray:
    """Differs on every case, and its diagnosis is soon made."""
    sequence = run(case).sequence.copy()
    sequence[0, -1, 0] = np.nan
    return sequence


def refuses(case: Case) -> Outputs:
    raise Unsupported("no such thing")


def crashes(case: Case) -> Outputs:
    raise ValueError("broken")


def only_relu(case: Case) -> Outputs:
    if case.config.nonlinearity != "relu":
        raise Unsupported(f"only relu, not {case.config.nonlinearity}")
    return run(case)


def quick(*implementations: Any, examples: int = 12, **limits: Any) -> Report:
    return verify(*implementations, examples=examples, **SMALL | limits)


@pytest.mark.slow
def test_the_folder_of_the_cases_may_be_text(tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    (finding,) = verify(one_nan, examples=2, save=str(folder), **SMALL).findings[f"{HERE}:one_nan"]
    assert finding.saved in folder.iterdir()
    with pytest.raises(TypeError, match="int"):  # before the run
        verify(lambda case: pytest.fail("it ran"), save=3)  # type: ignore[arg-type]


def test_a_right_implementation_agrees_on_every_case() -> None:
    report = quick(run)
    assert report.names == ("references.numpy_rnn:run",)
    assert (report.agrees, report.exit_status, report.cases, len(report.verdicts)) == (
        True,
        0,
        12,
        12,
    )
    (summary,) = report.summaries
    assert summary.counts == {"agrees": 12}
    assert summary.failure_count == 0
    assert summary.outputs == sum(verdict.outputs for verdict in report.verdicts) > 0
    assert report.raise_if_failed() is None


def test_verdicts_stand_in_the_order_of_cases_and_then_of_implementations() -> None:
    report = quick(run, one_nan, examples=3)
    right, wrong = report.names
    assert [verdict.implementation for verdict in report.verdicts] == [right, wrong] * 3
    cases = [verdict.case.origin for verdict in report.verdicts]
    assert all(cases[2 * i] == cases[2 * i + 1] for i in range(3))
    assert len(set(cases)) == 3


def test_the_names_are_what_the_caller_wrote() -> None:
    assert quick("numpy", "references.numpy_rnn:run", run, examples=1).names[0] == "numpy"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("implementations", "status"),
    [
        ((run,), 0),
        ((one_nan,), 1),
        ((crashes,), 1),
        ((refuses,), 3),
        ((run, one_nan), 1),
        ((one_nan, run), 1),
        ((run, crashes), 1),
        ((run, refuses), 3),
        ((refuses, one_nan), 1),
        ((only_relu,), 0),
        ((only_relu, run), 0),
    ],
)
def test_the_exit_status_is_that_of_the_worst_implementation(
    implementations: tuple[Callable[..., Any], ...], status: int
) -> None:
    report = quick(*implementations)
    assert report.exit_status == status
    assert report.agrees == (status == 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("implementations", "error", "start"),
    [
        ((one_nan,), Mismatch, f"{HERE}:one_nan differs: "),
        ((crashes,), Mismatch, f"{HERE}:crashes crashed: it raised ValueError: broken"),
        ((refuses,), Refused, f"{HERE}:refuses refused: no such thing"),
        ((run, refuses), Refused, f"{HERE}:refuses refused: no such thing"),
        ((refuses, run, one_nan), Mismatch, f"{HERE}:one_nan differs: "),
    ],
)
def test_a_report_that_failed_raises_its_first_finding(
    implementations: Any, error: type[Exception], start: str
) -> None:
    with pytest.raises(error) as raised:
        quick(*implementations).raise_if_failed()
    assert str(raised.value).startswith(start)


def test_a_crash_is_raised_from_its_cause() -> None:
    with pytest.raises(Mismatch) as raised:
        quick(crashes).raise_if_failed()
    assert isinstance(raised.value.__cause__, ValueError)


def test_a_run_that_could_prove_nothing_is_inconclusive() -> None:
    def of_another_case(case: Case) -> Any:
        raise OtherCase("only its outputs on another case are known")

    report = quick(of_another_case, num_layers=2, dtype="float32", regimes="contracting")
    assert (report.exit_status, report.agrees) == (3, False)
    assert report.summaries[0].counts == {"inconclusive": 12}
    with pytest.raises(Inconclusive):
        report.raise_if_failed()


def test_a_run_that_could_not_see_is_no_agreement() -> None:
    report = verify(
        run,
        examples=1,
        time=1,
        batch=1,
        hidden_size=2,
        input_size=1,
        initial_states=False,
        masks=False,
        nonlinearity="tanh",
    )
    assert (report.exit_status, report.agrees) == (3, False)
    with pytest.raises(
        AssertionError,
        match=r"Cannot tell: the cases on which .* agreed would have hidden plain mistakes",
    ):
        report.raise_if_failed()
    assert "not U transposed, U rows reversed, U columns reversed, " in " ".join(
        str(report).split()
    )


@pytest.mark.slow
def test_the_sentence_of_agreement_counts_outputs_and_equal_ones() -> None:
    report = quick(run, examples=40)
    (summary,) = report.summaries
    assert report.sentence == (
        "references.numpy_rnn:run computes what the hand-written loop computes, for "
        "T from 2 to 6, B up to 3, I from 2 to 5, H from 2 to 5, up to 3 layers. "
        f"Each of {summary.outputs:,} outputs lies inside its derived bound, "
        f"and {summary.exact:,} of them had to be equal, and are."
    )
    assert quick(run, "numpy").sentence.startswith(
        "numpy and references.numpy_rnn:run compute what "
    )


@pytest.mark.slow
def test_the_sentence_of_difference_names_who_differs_and_how_often() -> None:
    assert quick(run, one_nan).sentence == (
        f"Not the same: {HERE}:one_nan on 12 of 12 cases "
        "does not compute what the hand-written loop computes."
    )
    assert quick(crashes, one_nan).sentence == (
        f"Not the same: {HERE}:crashes on 12 of 12 cases; {HERE}:one_nan on 12 of 12 cases "
        "do not compute what the hand-written loop computes."
    )


@pytest.mark.slow
def test_the_sentence_of_silence_names_who_never_agreed() -> None:
    assert (
        quick(run, refuses).sentence
        == f"Cannot tell: {HERE}:refuses never agreed on a case, so nothing was shown."
    )


@pytest.mark.slow
def test_the_printed_report_has_table_refusals_findings_seed_and_sentence() -> None:
    text = quick(run, one_nan, refuses, seed=3).text(verbose=True)
    first, *_ = text.strip().splitlines()
    assert first.split() == [
        "implementation",
        "agrees",
        "differs",
        "refused",
        "outputs",
        "equal",
        "undecided",  # what follows the NaN
        "ratio",
    ]
    for part in (
        f"{HERE}:refuses refused 240: no such thing",
        "failures 12; the smallest case found:",
        "diagnosis Match",
        "12 cases, 228 more in place of refused ones, seed 3, time=(2, 6)",
        "next(sample_cases(1, seed=3, start=",
        "numpy " + np.__version__,
        f"Not the same: {HERE}:one_nan on 12 of 12 cases",
    ):
        assert part in " ".join(text.split()), part
    assert "crashed" not in first
    assert "crashed" in str(quick(crashes)).strip().splitlines()[0]


def test_the_repr_is_the_sentence_and_the_html_is_escaped() -> None:
    report = quick(lambda case: one_nan(case))
    assert repr(report) == f"Report({report.sentence})"
    assert "<locals>" not in report._repr_html_()
    assert "&lt;locals&gt;" in report._repr_html_()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["rnn[/x].py:run", "[red]rnn.py:run", "rnn[torch].py:run", ":boom:"]
)
def test_a_name_with_brackets_is_printed_as_it_is(name: str) -> None:
    report = quick(run)
    named = replace(
        report, summaries=tuple(replace(summary, name=name) for summary in report.summaries)
    )
    named = replace(named, sights={name: next(iter(report.sights.values()))})
    assert name in str(named)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_verdicts_and_another_seed_others() -> None:
    def told(seed: int) -> list[tuple[Any, ...]]:
        return [
            (v.kind, v.reason, v.case.origin, v.outputs, v.exact, repr(v.worst))
            for v in quick(run, one_nan, seed=seed).verdicts
        ]

    assert told(5) == told(5)
    assert told(5) != told(6)


def remembering(memory: list[int]) -> Callable[[Case], np.ndarray]:
    def implementation(case: Case) -> np.ndarray:
        memory.append(1)
        return run(case).sequence

    return implementation


def made(right: bool) -> Callable[[Case], np.ndarray]:
    def implementation(case: Case) -> np.ndarray:
        return run(case).sequence if right else one_nan(case)

    return implementation


def scaled(case: Case, by: float) -> np.ndarray:
    return run(case).sequence * run(case).sequence.dtype.type(by)


def test_numpys_numbers_count_as_pythons() -> None:
    numbers = {"examples": np.int64(12), "seed": np.uint8(3), "hidden_size": np.int32(2)}
    one, other = verify(run, **numbers), verify(run, examples=12, seed=3, hidden_size=2)
    assert one.sentence == other.sentence
    assert str(one.limits) == str(other.limits)
    assert type(one.seed) is type(one.cases) is int


@pytest.mark.slow
@pytest.mark.parametrize(
    "implementations",
    [
        (made(False), made(True)),
        (made(True), made(False)),
        (partial(scaled, by=np.nan), partial(scaled, by=1.0)),
        (lambda case: one_nan(case), lambda case: run(case)),
    ],
    ids=["wrong, right", "right, wrong", "partials", "lambdas"],
)
def test_two_functions_of_one_name_are_both_judged(implementations: Any) -> None:
    report = quick(*implementations)
    assert len(report.verdicts) == 24
    assert len(set(report.names)) == 2
    assert report.exit_status == 1


def test_the_same_implementation_asked_for_twice_is_judged_once() -> None:
    assert quick("numpy", "numpy").names == ("numpy",)


def test_a_notebook_function_is_verified_within_its_limits() -> None:
    report = quick(simple_rnn)
    assert report.summaries[0].counts == {"agrees": 12}
    assert report.limits["num_layers"] == 1


def test_progress_is_told_after_every_verdict() -> None:
    told: list[int] = []
    quick(run, one_nan, examples=3, progress=told.append)
    assert told == [1, 2, 3, 4, 5, 6]


@pytest.mark.slow
def test_a_callable_with_an_attribute_called_limits_is_no_surprise() -> None:
    class Model:
        limits = 5

        def __call__(self, case: Case) -> Outputs:
            return run(case)

    assert quick(Model()).agrees


LIMITS = (
    "the limits are time, batch, input_size, hidden_size, nonlinearity, num_layers, "
    "bidirectional, bias, go_backwards, dtype, cell, reset_after, masks, initial_states, "
    "recurrent_biases, regimes, shapes, layer_kinds"
)
COUNT = "expected a whole number from 1 to 10,000,000; a campaign judges more"
BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"hiden_size": 3}, TypeError, f"hiden_size is no limit; {LIMITS}"),
    ({"start": 3}, TypeError, f"start is no limit; {LIMITS}"),
    ({"count": 3}, TypeError, f"count is no limit; {LIMITS}"),
    ({"examples": -1}, ValueError, f"examples is -1, {COUNT}"),
    ({"examples": 10**24}, ValueError, f"examples is {10**24}, {COUNT}"),
    (
        {"memory_limit": -5},
        ValueError,
        "memory_limit is -5, expected a whole number of MiB above 0",
    ),
    ({"examples": 2.5}, ValueError, f"examples is 2.5, {COUNT}"),
    ({"examples": True}, ValueError, f"examples is True, {COUNT}"),
    ({"seed": -1}, ValueError, "seed is -1, expected a whole number of at least 0"),
    ({"seed": None}, ValueError, "seed is None, expected a whole number of at least 0"),
    ({"time": 0}, ValueError, "time is 0, expected 1 <= low <= high"),
    ({"time": (5, 2)}, ValueError, "time is (5, 2), expected 1 <= low <= high"),
    ({"time": (1, 2, 3)}, TypeError, "time is (1, 2, 3), expected a whole number or (low, high)"),
    ({"time": 2.0}, TypeError, "time is 2.0, expected a whole number or (low, high)"),
    ({"batch": "4"}, TypeError, "batch is '4', expected a whole number or (low, high)"),
    ({"batch": True}, TypeError, "batch is True, expected a whole number or (low, high)"),
    ({"dtype": "float16"}, ValueError, "dtype is 'float16', expected one of float32, float64"),
    ({"dtype": ()}, ValueError, "dtype is empty, expected a value or several"),
    (
        {"nonlinearity": "gelu"},
        ValueError,
        "nonlinearity is 'gelu', expected one of tanh, relu, linear, sigmoid, softsign",
    ),
    ({"bias": 1}, ValueError, "bias is 1, expected one of True, False"),
    ({"masks": None}, TypeError, "masks is None, expected True or False"),
    ({"num_layers": 0}, ValueError, "num_layers is 0, expected a whole number from 1 to 64"),
    ({"num_layers": 65}, ValueError, "num_layers is 65, expected a whole number from 1 to 64"),
    (
        {"regimes": "calm"},
        ValueError,
        (
            "regimes is 'calm', expected one of ternary, mantissa, contracting, chaotic, "
            "saturated, tiny, large, memory, edge"
        ),
    ),
]


@pytest.mark.parametrize(("given", "error", "expected"), BAD, ids=[row[2][:50] for row in BAD])
def test_a_limit_that_is_unknown_or_allows_nothing_gets_a_sentence(
    given: dict[str, Any], error: type[Exception], expected: str
) -> None:
    with pytest.raises(error) as raised:
        verify(run, **given)
    assert str(raised.value) == expected


@pytest.mark.parametrize(
    "given", [{"time": 10**9}, {"hidden_size": 10**30}, {"hidden_size": 10**5}]
)
def test_limits_that_allow_more_than_fits_get_a_sentence(given: dict[str, Any]) -> None:
    with pytest.raises(
        ValueError,
        match=(
            r"^a case of these limits may hold \d+ numbers, more than \d+; "
            r"lower batch, time or the sizes$"
        ),
    ):
        verify(run, **given)


@pytest.mark.slow
def test_a_regime_that_one_nonlinearity_alone_has_is_drawn_with_that_one() -> None:
    """Or the sentence says what to add: never only that relu, which nobody asked for, does not go
    with it.
    """
    try:
        report = quick(run, regimes="ternary")
    except ValueError as error:
        assert "nonlinearity='tanh'" in str(error)  # noqa: PT017
    else:
        assert {verdict.case.config.nonlinearity for verdict in report.verdicts} == {"tanh"}


def test_an_implementation_that_is_not_there_gets_a_sentence() -> None:
    with pytest.raises(NotFound) as raised:
        verify("torhc")
    assert str(raised.value).startswith("implementation is 'torhc', expected one of numpy, ")


@pytest.mark.slow
def test_two_notebook_functions_are_verified_within_the_limits_that_they_share() -> None:
    def twice(inputs: Any, W: Any, U: Any, b: Any) -> Any:
        return simple_rnn(inputs, W, U, b)

    report = quick(simple_rnn, twice)
    assert [summary.counts for summary in report.summaries] == [{"agrees": 12}] * 2
    assert "num_layers" not in quick(simple_rnn, run).limits, (
        "one that takes every case is not held back"
    )


@pytest.mark.slow
def test_what_a_functions_own_limits_force_is_no_reason_beside_another() -> None:
    def from_zeros(case: Case) -> Outputs:
        if case.h_0.any():
            raise Unsupported("h_0")
        return run(case)

    from_zeros.limits = {"initial_states": False}  # type: ignore[attr-defined]
    report = quick(from_zeros, run)
    assert "initial_states" not in report.limits
    own, other = report.sights.values()
    assert not any("initial state is zero" in reason for reason in own.missed.values())
    assert own.missed
    assert other.caught


@pytest.mark.parametrize(
    ("limits", "rows"),
    [
        ({}, ["torch gru", "keras/graph gru", "torch lstm", "keras/graph lstm"]),
        ({"dtype": "float64"}, ["torch gru", "keras/graph gru", "torch lstm", "keras/graph lstm"]),
        ({"nonlinearity": "relu"}, []),
        ({"cell": ("rnn", "gru")}, []),
    ],
)
def test_by_default_cells_with_gates_have_rows_where_the_limits_leave_them_cases(
    limits: dict[str, Any], rows: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.runs.verify.default_frameworks", lambda: ("torch", "keras"))
    names, every = by_default(**limits)
    assert [name for name in names if " " in name] == rows
    assert every == {"keras": 10}


@pytest.mark.parametrize(
    ("examples", "by_default", "share"),
    [(200, True, 20), (2000, True, 200), (100, True, 20), (7, True, 7), (200, False, 200)],
)
def test_rows_of_one_cell_have_a_tenth_of_the_cases_but_enough(
    examples: int, by_default: bool, share: int
) -> None:
    assert _counts(examples, by_default) == (examples, share)


@pytest.mark.parametrize(
    ("examples", "limits", "kinds"),
    [(200, {}, 20), (9, {}, 20), (1000, {"dtype": "float32"}, 100), (10**6, {}, 400)],
)
def test_with_a_faster_path_kinds_of_layers_are_few(
    examples: int, limits: dict[str, Any], kinds: int
) -> None:
    every = {"keras": 10}
    assert _few_kinds(examples, limits, every) == {**limits, "layer_kinds": kinds}
    assert _few_kinds(examples, limits, {}) == limits
    for name in ("shapes", "layer_kinds"):
        assert _few_kinds(examples, {**limits, name: 30}, every) == {**limits, name: 30}


@pytest.mark.parametrize(
    ("names", "limits"), [((), {"layer_kinds": 20}), (("keras/graph",), {}), (("numpy",), {})]
)
def test_kinds_of_layers_are_few_where_nothing_is_named(
    names: tuple[str, ...], limits: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Begun(Exception):
        pass

    def begin(runner: Any, every: Any, examples: Any, seed: int, limits: Any, *_: Any) -> None:
        raise Begun(limits)

    monkeypatch.setattr("harness.runs.verify.default_frameworks", lambda: ("torch", "keras"))
    monkeypatch.setattr("harness.runs.in_process.InThisProcess", lambda names: None)
    monkeypatch.setattr("harness.runs.verify._run", begin)
    with pytest.raises(Begun) as begun:
        verify(*names)
    assert begun.value.args == (limits,)


@pytest.mark.slow
def test_a_row_of_one_cell_can_be_verified_beside_others() -> None:
    report = quick("numpy", "numpy lstm")
    assert [dict(summary.cells) for summary in report.summaries] == [{"rnn": 12}, {"lstm": 12}]
    assert report.shares == {"lstm": 12}
    assert "; numpy does so for lstm, T from 2 to 6" in report.sentence


def test_weights_that_are_fixed_cannot_be_verified_and_the_error_says_what_can():
    with pytest.raises(TypeError, match=r"verify draws the weights; check.*fixed_weights=True"):
        verify(run, fixed_weights=True)
