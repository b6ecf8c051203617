"""Kinds of failure: told apart by what failed, and the clearest of each is explained."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.implementations.find import Unusable
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.runs.failures import (
    OUTPUTS,
    ProcessEnded,
    alike,
    by_kind,
    clearest,
    kind_of,
    largest,
    unusable,
)
from references.case import Case
from references.numpy_rnn import run

SMALL = {"time": (1, 12), "hidden_size": (1, 12), "input_size": (1, 12)}


def zero(case: Case) -> np.ndarray:
    return np.zeros_like(run(case).sequence)


def short(case: Case) -> np.ndarray:
    return run(case).sequence[:, :-1]


def crashes(case: Case) -> np.ndarray:
    if case.time > 3:
        raise IndexError(case.time)
    return case.nothing


def failures_of(implementation, count: int = 40, **limits) -> list[Verdict]:
    limits = SMALL | limits
    cases = sample_cases(count, **limits)
    verdicts = [judge(case, implementation, "it", calls=1) for case in cases]
    return [verdict for verdict in verdicts if verdict.kind in ("differs", "crashed")]


def test_wrong_numbers_wrong_shapes_and_each_place_of_a_crash_are_kinds_of_their_own():
    assert {kind_of(one) for one in failures_of(zero)} == {("differs", OUTPUTS)}
    (shape,) = {kind_of(one) for one in failures_of(short)}
    assert shape == ("differs", "its sequence has shape (#, #, #), expected (#, #, #)")
    kinds = {kind for kind, _ in map(kind_of, failures_of(crashes))}
    subjects = sorted(subject for _, subject in {kind_of(one) for one in failures_of(crashes)})
    assert kinds == {"crashed"}
    assert [subject.partition(" in ")[0] for subject in subjects] == [
        "raised AttributeError",
        "raised IndexError",
    ]


def test_a_process_that_ended_is_a_kind_by_how_it_ended():
    (case,) = sample_cases(1)
    ended = [
        Verdict("crashed", "it", case, reason, cause=ProcessEnded(reason))
        for reason in ("it took longer than 1 second", "it ended the process by SIGSEGV")
    ]
    assert not alike(*ended)
    assert alike(ended[0], replace(ended[0], reason="it took longer than 60 seconds"))


def test_the_most_frequent_kind_comes_first():
    numbers, shapes = failures_of(zero), failures_of(short)
    assert [len(kind) for kind in by_kind(shapes[:2] + numbers[:3] + shapes[:1])] == [3, 3]
    assert by_kind([*shapes[:1], *numbers[:3]])[0] == numbers[:3]


@pytest.mark.slow
def test_an_exact_case_says_most_then_the_greatest_output_and_tiny_numbers_least():
    failures = failures_of(zero, 100)
    chosen = clearest(failures)
    assert chosen.exact == chosen.outputs > 0
    rounded = [one for one in failures if one.exact < one.outputs]
    size = abs(clearest(rounded).first.expected)
    assert size == max(abs(one.first.expected) for one in rounded)
    tiny = failures_of(zero, 10, regimes=("tiny",))
    weak = failures_of(zero, 1, regimes=("contracting",))
    assert clearest([*tiny, *weak]) is weak[0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_numbers_are_tiny_only_where_nothing_else_fails(seed):
    failures = failures_of(zero, 60, seed=seed)
    chosen = clearest(failures)
    assert float(np.abs(chosen.case.inputs).max()) > 1e-6


def test_the_largest_case_has_the_most_units_and_of_these_the_most_outputs():
    sizes = [
        {"hidden_size": 2, "time": 9, "batch": 4},
        {"hidden_size": 5, "time": 2, "batch": 1},
        {"hidden_size": 5, "time": 3, "batch": 1},
    ]
    limits = {"num_layers": 1, "bidirectional": False, "masks": False}
    failures = [one for size in sizes for one in failures_of(zero, 1, **limits, **size)]
    assert [one.outputs for one in failures] == [72, 10, 15]
    assert largest(failures) is failures[2].case


def test_what_failed_at_its_import_has_no_case_and_stands_behind_what_has_one():
    (crash,) = failures_of(crashes, 1, regimes="tiny", time=3)
    at_import = unusable("it", Unusable("it cannot be imported"))
    assert clearest([at_import, crash]) is crash
    assert largest([at_import, crash]) is crash.case


def test_of_equals_the_first_is_chosen():
    shapes = failures_of(short, 5, regimes=("contracting",))
    assert clearest(shapes) is shapes[0]
