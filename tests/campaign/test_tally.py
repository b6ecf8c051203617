"""Tallies: what is counted, in what bounds, and that parts add up."""

import json
from dataclasses import replace

import pytest

from harness.campaign.plan import shards
from harness.campaign.shard import Task, judge_shard
from harness.campaign.steer import FEATURES
from harness.campaign.tally import (
    KINDS_OF_FAILURE,
    LOWEST,
    MORE,
    Tally,
    bin_of,
)
from harness.draw.generate import sample_cases
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME
from harness.runs.ledger import differences
from harness.runs.summary import REASONS
from references.numpy_rnn import run
from tests.campaign import hostile
from tests.campaign.plans import PLAN

pytestmark = pytest.mark.usefixtures("no_worker")


HIGH = ["relu", "chaotic", "float32", "3", "1", "2-7"]


def result_of(plan, one):
    return judge_shard(Task(plan, one, {}, frozenset()), ())


def test_tiny_numbers_and_failures_teach_nothing():
    verdict = judge(next(sample_cases(1, nonlinearity="relu", regimes=("chaotic",))), run, "x")
    assert verdict.worst_ratio > 0
    tally = Tally("x")
    features_of = dict(zip(FEATURES, HIGH, strict=True))
    at = {"case": 0, "part": {}, "rebuild": ""}
    tally.count(verdict, at, features_of | {"regime": "tiny"})
    assert (tally.top, tally.worst_ratio, tally.tiny_ratio) == ([], 0.0, verdict.worst_ratio)
    assert tally.worst_at is None
    tally.count(verdict, at, features_of)
    assert tally.top == [[verdict.worst_ratio, HIGH]]


@pytest.mark.slow
def test_tables_of_parts_add_up_to_that_of_the_whole():
    cases = list(sample_cases(60, seed=2))
    verdicts = [
        judge(case, hostile.wrong if number % 7 == 0 else run, "x")
        for number, case in enumerate(cases)
    ]
    whole, halves = Tally("x"), (Tally("x"), Tally("x"))
    for index, verdict in enumerate(verdicts):
        for table in (whole, halves[index >= 30]):
            at = {"case": index, "part": {}, "rebuild": ""}
            table.count(verdict, at, dict(zip(FEATURES, HIGH, strict=True)))
    merged = Tally("x")
    for half in halves:
        merged.merge(Tally.from_json("x", json.loads(json.dumps(half.to_json()))))
    for name in whole.to_json().keys() - {"drawn", "top"}:
        assert getattr(merged, name) == getattr(whole, name), name
    assert whole.failures
    assert whole.counts.total() == 60
    first = next(verdict for verdict in verdicts if verdict.wrong)
    assert whole.failures[0]["deviation"] == first.deviation > 0


def test_what_has_no_end_is_kept_in_bounds_and_all_of_it_counted():
    case = next(sample_cases(1, nonlinearity="tanh"))
    tally, verdict = Tally("x"), judge(case, hostile.wrong, "x")
    letters = str.maketrans("0123456789", "abcdefghij")  # what differs in numbers alone is one kind
    for number in range(1000):
        at = {"case": number, "part": {}, "rebuild": ""}
        tally.count(replace(verdict, kind="refused", reason=f"no {number}", first=None), at)
        reason = str(number).translate(letters)
        tally.count(replace(verdict, kind="crashed", first=None, reason=reason), at)
    assert len(tally.refusals) == REASONS + 1
    assert tally.refusals.total() == 1000
    assert sum(failure["count"] for failure in tally.failures) == 1000
    assert len(tally.failures) == KINDS_OF_FAILURE + 1
    assert tally.failures[-1]["group"] == ["crashed", MORE, ""]
    assert tally.failures[-1]["at"]["case"] == KINDS_OF_FAILURE


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (0.0, 0),
        (1e-30, 1),
        (2.0**-LOWEST, 1),
        (0.5, LOWEST),
        (0.51, LOWEST + 1),
        (1.0, LOWEST + 1),
        (1.1, LOWEST + 2),
        (float("nan"), LOWEST + 2),
    ],
)
def test_bins_are_powers_of_two(ratio, expected):
    assert bin_of(ratio) == expected


@pytest.mark.slow
def test_a_planted_mistake_is_counted_as_what_it_is():
    plan = replace(PLAN, implementations={"numpy": 1}, cases=300)
    tally = Tally("numpy")
    for index, case in enumerate(sample_cases(50)):
        verdict = judge(case, BY_NAME["U transposed"].plant(), "numpy")
        at = {"case": index, "part": {}, "rebuild": ""}
        tally.count(verdict, at, dict(zip(FEATURES, HIGH, strict=True)))
    assert tally.counts["differs"] == sum(failure["count"] for failure in tally.failures)
    assert tally.counts["differs"] > 20
    assert tally.worst_ratio > 1  # as in a run of verify
    right = result_of(plan, next(shards(plan)))
    assert right["tables"]["numpy"]["counts"] == {
        "agrees": 250 if right["tables"]["numpy"]["cases"] == 250 else 300
    }


def test_what_was_judged_by_a_sample_of_lengths_shows_no_mistake():
    (case,) = sample_cases(1)
    verdict = judge(case, run)
    tally = Tally("it")
    tally.count(verdict, {"case": 0, "part": {}})
    tally.count(replace(verdict, by_last_outputs=True, sample="some"), {"case": 1, "part": {}})
    assert (tally.agreed, tally.by_sample) == ([0], 1)


def test_what_a_known_deviation_explains_is_known_and_what_speaks_against_it_adds_up():
    (case,) = sample_cases(1, regimes="contracting", hidden_size=3)
    verdict = judge(case, BY_NAME["U transposed"].plant(), "it")
    entry = replace(differences()[0], id="mine")
    tally, at = Tally("it"), {"case": 0, "part": {}, "rebuild": ""}
    tally.count(verdict, at, own=entry)
    assert (tally.counts["known"], tally.known, tally.failures) == (1, {"mine": 1}, [])
    tally.count(verdict, at)
    assert len(tally.failures) == 1
    tally.against.update(["mine", "mine"])
    tally.merge(Tally.from_json("it", json.loads(json.dumps(tally.to_json()))))
    assert (tally.known["mine"], tally.against["mine"]) == (2, 4)
    old = {name: value for name, value in tally.to_json().items() if name != "against"}
    assert Tally.from_json("it", old).against == {}
