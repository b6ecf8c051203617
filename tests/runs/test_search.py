"""The rounds of a run: who refuses goes on along the stream, to a bound, in the same order
always.
"""

import numpy as np
import pytest

from harness import sample_cases, verify
from harness.draw.generate import choices_at
from harness.draw.large import LARGE
from harness.draw.limits import limits
from harness.judge.calls.second_calls import other_weights
from harness.runs import search as module
from harness.runs.batches import Row, judge_block
from harness.runs.search import BOUND, FEW, LARGE_CASES, Search
from harness.runs.values import expected_values
from references import Unsupported
from references.numpy_rnn import run
from tests.runs import leaks

SMALL = {"time": (2, 5), "batch": (1, 2), "input_size": (2, 4), "hidden_size": (2, 4)}


def refusing(holds):
    calls = []

    def implementation(case):
        calls.append(case.origin)
        if holds(case):
            raise Unsupported("not this")
        return run(case)

    implementation.calls = calls
    return implementation


def counts(implementation, **options):
    report = verify(implementation, **SMALL | options)
    return report, report.summaries[0].counts


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_who_refuses_is_judged_on_as_many_as_who_does_not(seed):
    report, one = counts(refusing(lambda case: case.config.num_layers > 1), examples=60, seed=seed)
    assert 60 <= one["agrees"] < 66, "a few more where a value is rare"
    assert report.exit_status == 0
    assert " layer. Not judged: several layers were refused. Each of " in report.sentence


@pytest.mark.slow
def test_hopeless_cases_are_not_called_and_are_tried_again_now_and_then():
    report, one = counts(
        refusing(lambda case: case.mask is None or not case.config.go_backwards), examples=99
    )
    assert one["refused"] < 250
    drawn = [choices_at(index, 0, limits(**SMALL)) for index in range(99 * BOUND)]
    taken = [config.go_backwards and one.mask_kind != "none" for config, one in drawn]
    assert one["agrees"] == sum(taken), "none is lost"
    assert report.scopes[report.names[0]].judged == one["agrees"]


@pytest.mark.slow
def test_what_was_refused_at_first_alone_is_judged_after_all(monkeypatch):
    """One hopeless case in RETRY is called; where that one is taken, so are all left out."""
    monkeypatch.setattr(module, "RETRY", 2)
    first = FEW - 1
    early = {case.origin for case in sample_cases(first, 0, **SMALL)}
    report, sums = counts(
        refusing(lambda case: case.mask is not None and case.origin in early), examples=first
    )
    assert first <= sums["agrees"] < first + 6, "a few more where a value is rare"
    masked = [one for one in report.verdicts if one.kind == "agrees" and one.case.mask is not None]
    assert masked
    assert "masks" not in " ".join(report.scopes[report.names[0]].refused)


def test_the_search_ends_at_its_bound():
    one = refusing(lambda case: True)
    report, sums = counts(one, examples=5)
    assert sums == {"refused": 5 * BOUND}
    assert report.exit_status == 3
    assert len(set(one.calls)) == 5 * BOUND


@pytest.mark.slow
def test_a_kind_that_is_rare_is_looked_for():
    rare = {"nonlinearity": ("tanh",) * 99 + ("softsign",)}
    report, sums = counts(run, examples=80, seed=1, **rare)
    assert sums["agrees"] > 80
    assert report.exit_status == 0
    kinds = [verdict.case.config.nonlinearity for verdict in report.verdicts]
    assert kinds.count("softsign") == 2


@pytest.mark.slow
def test_a_kind_that_is_hardly_ever_taken_is_a_gap():
    """Only one mask in many is taken, so that masks are neither judged nor always refused."""

    def holds(case):
        return case.mask is not None and case.time != 2

    def picky(case):
        return case.config.nonlinearity != "tanh" and not (
            case.config.nonlinearity == "relu" and case.config.hidden_size == 2 == case.batch
        )

    report, _ = counts(refusing(lambda case: holds(case) or picky(case)), examples=40)
    assert report.exit_status in (0, 3)
    never = refusing(lambda case: case.config.hidden_size > 3 or case.time > 2 or case.batch > 1)
    report, sums = counts(never, examples=60, hidden_size=(2, 60), time=(2, 30))
    assert sums["agrees"] < 20
    assert report.exit_status == 3
    assert report.sentence.startswith("Cannot tell: ")
    assert "as it refused" in report.sentence
    with pytest.raises(AssertionError, match="Cannot tell"):
        report.raise_if_failed()


def test_a_sampled_implementation_is_covered_by_its_variant():
    allowed = limits(**SMALL)
    search = Search(("keras", "keras/graph"), 40, 0, allowed, {"keras": 10})
    implementations = dict.fromkeys(("keras", "keras/graph"), run)
    while blocks := list(search.next_round("keras")):
        for block in blocks:
            for row in judge_block(block, implementations):
                search.add(row)
    assert search.groups == ["keras"]
    assert list(search.scopes(False)) == ["keras/graph"]
    assert 40 <= search.scopes(False)["keras/graph"].judged < 44


def test_a_round_does_not_depend_on_the_order_of_rows():
    allowed = limits(**SMALL)

    def plan(order):
        search = Search(("mine",), 60, 0, allowed, {})
        rounds = []
        while blocks := list(search.next_round("mine")):
            picks = sorted(index for block in blocks for index in block.indices)
            rounds.append(picks)
            for index in order(picks):
                values = expected_values(*choices_at(index, 0, allowed))
                kind = "refused" if dict(values)["bidirectional"] else "agrees"
                search.add(row_of(index, values, kind))
        return rounds

    expected = plan(list)
    assert len(expected) > 1
    assert plan(reversed) == expected


class Stub:
    def __init__(self, kind):
        self.kind, self.implementation = kind, "mine"


def row_of(index, values, kind):
    return Row(index, Stub(kind), values, other_weights)


def test_who_gives_no_more_rows_is_not_asked_again():
    search = Search(("mine",), 10, 0, limits(**SMALL), {})
    assert list(search.next_round("mine"))
    assert not list(search.next_round("mine"))


def assert_caught(make, seeds, monkeypatch, examples=200):
    monkeypatch.setattr("harness.runs.verify._findings", lambda *_: ())
    for seed in seeds:
        report = verify(make(), seed=seed, examples=examples)
        assert report.exit_status == 1, (make.__name__, seed)


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [*leaks.LEAKS[:2], *(pytest.param(make, marks=pytest.mark.deep) for make in leaks.LEAKS[2:])],
    ids=lambda make: make.__name__,
)
def test_what_leaks_from_call_to_call_is_caught_though_most_cases_are_refused(make, monkeypatch):
    assert_caught(make, [1], monkeypatch, examples=60)


@pytest.mark.long
@pytest.mark.parametrize("make", leaks.LEAKS, ids=lambda make: make.__name__)
def test_what_leaks_from_call_to_call_is_caught_by_each_of_ten_seeds(make, monkeypatch):
    assert_caught(make, range(10), monkeypatch)


@pytest.mark.deep
def test_the_honest_one_of_the_same_kind_passes():
    report = verify(leaks.honest())
    assert report.exit_status == 0
    assert 200 <= report.summaries[0].counts["agrees"] <= 200 + LARGE_CASES


@pytest.mark.slow
def test_at_least_twenty_judged_cases_are_called_twice(monkeypatch):
    twice = []
    monkeypatch.setattr(
        module.Search,
        "add",
        lambda self, row, add=module.Search.add: (twice.append(row), add(self, row))[1],
    )
    for implementation in (leaks.honest(), run):
        for examples in (12, 60):
            twice.clear()
            verify(implementation, examples=examples)
            judged = [row for row in twice if row.verdict.kind == "agrees"]
            second = [row for row in judged if row.again]
            assert len(second) >= min(20, len(judged)), (examples, len(second))
            assert (
                np.ptp([sum(r.again is one for r in second) for one in {r.again for r in second}])
                < 12
            )


def crossings(search, implementation, name="mine"):
    """Plays all rounds; returns the large cases by index with their verdicts."""
    rows = {}
    while blocks := list(search.next_round(name)):
        for block in blocks:
            for row in judge_block(block, {name: implementation}):
                search.add(row)
                if row.at >= LARGE:
                    rows[row.at] = row.verdict
    return rows


def test_large_cases_follow_the_first_round_of_a_run_of_many_cases():
    for examples, count in ((FEW - 1, 0), (FEW, LARGE_CASES)):
        search = Search(("mine", "sampled"), examples, 0, limits(), {"sampled": 10})
        assert search.large == count
        assert search.first_count("mine") == examples + count
        assert search.first_count("sampled") == 10 + (3 if count else 0)
    (block, *_) = reversed(list(search.next_round("mine")))
    assert block.indices
    assert Search(("mine",), 200, 0, limits(**SMALL, num_layers=1), {}).large == 0


@pytest.mark.slow
def test_who_refuses_all_that_cross_a_wall_is_judged_on_some_more():
    def picky(case):
        if case.time > 40 and case.mask is None:
            raise Unsupported("long without a mask")
        return run(case)

    search = Search(("mine",), FEW, 1, limits(), {})
    rows = crossings(search, picky)
    long = {
        at for at, verdict in rows.items() if verdict.kind == "agrees" and (at - LARGE) % 5 == 1
    }
    refused = [at for at, verdict in rows.items() if verdict.kind == "refused"]
    assert long
    assert all((at - LARGE) % 5 == 1 for at in refused)
    assert len(rows) >= LARGE_CASES


@pytest.mark.slow
def test_the_search_for_a_wall_that_is_always_refused_ends():
    def short(case):
        if case.time > 40:
            raise Unsupported("too long")
        return run(case)

    search = Search(("mine",), FEW, 0, limits(), {})
    rows = crossings(search, short)
    assert LARGE_CASES < len(rows) <= LARGE_CASES * BOUND
    assert {(at - LARGE) % 5 for at in rows if at >= LARGE + LARGE_CASES} == {1}


@pytest.mark.deep
def test_large_cases_do_not_stand_in_for_those_of_the_stream():
    for seed in range(2):
        report = verify(refusing(lambda case: case.config.bidirectional), seed=seed, examples=FEW)
        agreeing = [verdict for verdict in report.verdicts if verdict.kind == "agrees"]
        large = [verdict for verdict in agreeing if "hidden_size=" in verdict.case.origin]
        assert FEW <= len(agreeing) - len(large) < FEW + 6
        assert large
        assert report.large == LARGE_CASES
        sizes = report.summaries[0].large
        assert sizes["time"] > 40
        assert sizes["hidden_size"] > 64
        assert sizes["num_layers"] > 3
        assert report.summaries[0].reach["time"] <= 40
        assert f"reached T = {sizes['time']}, B = " in report.sentence
