"""Rows come in any order and in any number: the same report, in bounded memory."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from harness.draw.generate import sample_cases
from harness.draw.large import LARGE
from harness.draw.limits import limits
from harness.judge import lengths
from harness.judge.judge import judge
from harness.runs import results
from harness.runs.batches import Row, blocks, judge_block, second_call
from harness.runs.results import Results
from references.numpy_rnn import run

SMALL = {"time": (1, 4), "batch": 1, "hidden_size": (1, 3), "input_size": (1, 3)}


@pytest.fixture
def low_bounds(monkeypatch):
    """A report of 20 cases, 5 failures and the sight of 20 cases."""
    for name, count in (("CASES", 20), ("FAILURES", 5), ("SIGHT_CASES", 20)):
        monkeypatch.setattr(results, name, count)


def wrong(case):
    return run(case).sequence * 2


def rows_of(count, implementations, seed=0):
    allowed = limits(**SMALL)
    return [
        row
        for block in blocks(tuple(implementations), range(count), seed, allowed, {}, {})
        for row in judge_block(block, implementations)
    ]


def collect(rows, names):
    collection = Results(names, 0, limits(**SMALL))
    for row in rows:
        collection.add(row)
    return collection


def everything(collection):
    verdicts = [
        (v.kind, v.implementation, v.reason, v.case.origin, v.worst) for v in collection.verdicts()
    ]
    names = collection.summaries
    failures = [
        (kind.count, [(v.reason, v.case.origin) for v in kind.verdicts()])
        for name in names
        for kind in collection.failures(name)
    ]
    return names, verdicts, failures, collection.sights(names)


@pytest.mark.slow
def test_the_order_of_rows_changes_nothing(low_bounds):
    implementations = {"right": run, "wrong": wrong}
    rows = rows_of(40, implementations)
    expected = everything(collect(rows, implementations))
    random.Random(0).shuffle(rows)
    assert everything(collect(rows, implementations)) == expected
    assert everything(collect(rows[1:], implementations)) != expected, "this comparison can fail"


@pytest.mark.slow
def test_every_verdict_is_counted_and_few_are_held(low_bounds):
    collection = collect(rows_of(200, {"right": run, "wrong": wrong}), ("right", "wrong"))
    assert [summary.counts.total() for summary in collection.summaries.values()] == [200, 200]
    verdicts = collection.verdicts()
    assert len(verdicts) == 20 + 20 + 5
    assert [v.implementation for v in verdicts[-5:]] == ["wrong"] * 5
    (kind,) = collection.failures("wrong")
    assert kind.count == collection.summaries["wrong"].failure_count > 100
    assert len(kind.verdicts()) == 5
    origins = {v.case.origin for v in verdicts[:40]}
    assert origins == {case.origin for case in sample_cases(20, 0, **SMALL)}


@pytest.mark.slow
def test_what_is_held_does_not_grow_with_the_number_of_rows(low_bounds):
    (case,) = sample_cases(1, **SMALL)
    agreeing, failing = judge(case, run, "it"), judge(case, wrong, "it")
    collection = Results(("it",), 0, limits(**SMALL))
    sizes = []
    for index in range(4000):
        collection.add(Row(index, agreeing if index % 2 else replace(failing, kind="differs")))
        if index % 1000 == 999:
            lists = [collection._later["it"], collection._agreements["it"]]
            lists += [kind.rows for kind in collection.failures("it")]
            sizes.append(len(collection._first) + sum(map(len, lists)))
    assert max(sizes) <= 20 + 4 * (20 + 5 + 5)
    assert collection.summaries["it"].counts == {"agrees": 2000, "differs": 2000}


def test_kinds_of_failure_are_counted_apart_and_the_most_frequent_comes_first(low_bounds):
    (case,) = sample_cases(1, **SMALL)
    failing = judge(case, wrong, "it")
    shapeless = replace(
        failing, first=None, reason="its sequence has shape (1, 2), expected (3, 4)"
    )
    crashed = replace(shapeless, kind="crashed", reason="it ended the process by SIGSEGV")
    kinds = [failing] * 3 + [shapeless] * 5 + [crashed]
    rows = [Row(index, verdict) for index, verdict in enumerate(kinds)]
    for turn in range(4):
        random.Random(turn).shuffle(rows)
        failures = collect(rows, ("it",)).failures("it")
        assert [kind.count for kind in failures] == [5, 3, 1]
        assert [kind.verdicts()[0].kind for kind in failures] == ["differs", "differs", "crashed"]


def test_kinds_beyond_the_bound_are_added_up_whatever_the_order(monkeypatch):
    monkeypatch.setattr(results, "KINDS", 3)
    (case,) = sample_cases(1, **SMALL)
    failing = replace(judge(case, wrong, "it"), first=None)
    rows = [Row(i, replace(failing, reason="abcdefgh"[i % 8])) for i in range(80)]
    expected = None
    for turn in range(4):
        random.Random(turn).shuffle(rows)
        failures = collect(rows, ("it",)).failures("it")
        counts = [(kind.count, [v.reason for v in kind.verdicts()]) for kind in failures]
        expected = expected or counts
        assert counts == expected
    assert [count for count, _ in counts] == [50, 10, 10, 10]


def test_a_case_that_agreed_is_left_behind_and_one_that_failed_is_not():
    rows = rows_of(6, {"right": run, "wrong": wrong})
    assert all((row.verdict.case is None) == (row.verdict.kind == "agrees") for row in rows)


def test_a_block_knows_which_cases_are_called_twice_and_the_first_more_often():
    calls = []

    def counting(case):
        calls.append(case.origin)
        return run(case)

    rows_of(24, {"it": counting})
    seconds = [
        origin
        for origin in calls
        if origin.startswith(("other_weights(", "from_zeros(")) and "first_layers" not in origin
    ]
    assert len(seconds) == 3
    assert [index for index in range(2000) if second_call(index)] == [
        *range(0, 1000, 8),
        *range(1024, 2000, 64),
    ]


@pytest.mark.slow
def test_cases_of_one_kind_stand_together_and_each_stands_once():
    allowed = limits()
    work = list(blocks(("it",), range(1130), 3, allowed, {}, {}))
    assert sorted(index for block in work for index in block.indices) == list(range(1130))
    first = [
        case.config.nonlinearity for block in work[:20] for case in sample_cases_at(block.indices)
    ]
    assert sum(one != other for one, other in pairwise(first)) < 10


def sample_cases_at(indices):
    return [next(sample_cases(1, 3, index)) for index in indices]


@pytest.mark.slow
def test_large_cases_count_in_sums_reach_verdicts_and_sight():
    allowed = limits()
    indices = [*range(30), LARGE, LARGE + 1, LARGE + 4]
    collection = Results(("it",), 0, allowed)
    small = Results(("it",), 0, allowed)
    for block in blocks(("it",), indices, 0, allowed, {}, {}):
        for row in judge_block(block, {"it": run}):
            collection.add(row)
            if row.at < LARGE:
                small.add(row)
    summary = collection.summaries["it"]
    assert summary.counts == {"agrees": 33}
    assert summary.reach == small.summaries["it"].reach
    assert set(summary.large) == {"hidden_size", "time", "num_layers"}
    assert [verdict.case.time for verdict in collection.verdicts()][-2] > 40
    (one,), (other,) = (each.sights(["it"]).values() for each in (collection, small))
    assert set(one.caught) >= set(other.caught)
    assert len(one.caught) + len(one.missed) >= len(other.caught) + len(other.missed)


def test_large_cases_are_in_the_sight_of_a_run_of_many_cases(low_bounds, monkeypatch):
    calls = []
    monkeypatch.setattr(results, "sight", lambda cases, **options: calls.append(list(cases)))
    collection = Results(("it",), 0, limits())
    (case,) = sample_cases(1, **SMALL)
    agreeing = judge(case, run, "it")
    for index in (*range(100), LARGE, LARGE + 1):
        collection.add(Row(index, agreeing))
    collection.sights(["it"])
    assert [case.config.hidden_size > 64 for case in calls[0]].count(True) == 1
    assert len(calls[0]) == results.SIGHT_CASES + 2


def test_sight_is_that_of_the_steps_that_were_judged(monkeypatch):
    """The first steps alone, where a last output was judged by a sample of lengths."""
    monkeypatch.setattr(lengths, "EVERY", 3)
    monkeypatch.setattr(lengths, "FIRST", 2)
    cases = []
    monkeypatch.setattr(results, "sight", lambda own, **options: cases.extend(own))
    rows = rows_of(8, {"right": run})
    collect(rows, ("right",)).sights(("right",))
    times = [case.time for case in cases]
    assert max(times) == 4
    cases.clear()
    sampled = [
        row._replace(verdict=replace(row.verdict, by_last_outputs=True, sample="some"))
        for row in rows
    ]
    collect(sampled, ("right",)).sights(("right",))
    assert [case.time for case in cases] == [2 if time > 3 else time for time in times]


@pytest.mark.slow
def test_what_is_judged_ahead_is_judged_once_in_bounded_memory_and_changes_no_sight(low_bounds):
    rows = sorted(rows_of(60, {"right": run, "wrong": wrong}), key=lambda row: row.at)
    ahead = Results(("right", "wrong"), 0, limits(**SMALL))
    for row in rows:
        ahead.add(row)
        if row.at % 20 == 19:
            for _ in ahead.look_ahead():
                pass
    assert {at for at, _ in ahead._cases} == set(range(results.SIGHT_CASES))
    cases = dict(ahead._cases)
    assert ahead.sights(["right"]) == collect(rows, ("right", "wrong")).sights(["right"])
    assert all(ahead._cases[place] is case for place, case in cases.items())


def test_nothing_is_judged_ahead_of_what_has_failed():
    collection = collect(rows_of(4, {"wrong": wrong}), ("wrong",))
    (case,) = sample_cases(1, **SMALL)
    collection.add(Row(9, judge(case, run, "wrong")))
    assert not list(collection.look_ahead())
    assert not collection._cases
