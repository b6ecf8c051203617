"""Verdicts add up to the same sums in whatever order and parts they come, and in bounded memory."""

import json
import random
from dataclasses import replace

import pytest

from harness.draw.generate import sample_cases
from harness.judge.judge import judge
from harness.runs.ledger import known_difference
from harness.runs.summary import LATER, OTHERS, REASONS, Summary, worse
from references.numpy_rnn import run


@pytest.fixture(scope="module")
def verdicts():
    """Verdicts of every kind, and refusals for more reasons than are counted apart."""
    cases = list(sample_cases(24, seed=5, time=(1, 4)))
    agreeing = [judge(case, run, "x") for case in cases]
    wrong = [judge(case, lambda case: run(case).sequence + 1, "x") for case in cases[:9]]
    refused = [
        replace(agreeing[0], kind="refused", outputs=0, exact=0, worst=None, reason=f"no {number}")
        for number in range(3 * REASONS)
    ]
    return [*agreeing, *wrong, *refused]


def total(verdicts):
    summary = Summary("x")
    for verdict in verdicts:
        summary.add(verdict)
    return summary


def test_neither_order_nor_parts_change_the_sums(verdicts):
    whole = total(verdicts)
    assert whole.counts == {"agrees": 24, "differs": 9, "refused": 3 * REASONS}
    assert (whole.failure_count, whole.exit_status) == (9, 1)
    for seed in range(4):
        shuffled = random.Random(seed).sample(verdicts, len(verdicts))
        first, rest = total(shuffled[:50]), total(shuffled[50:])
        first.merge(Summary.from_json("x", json.loads(json.dumps(rest.to_json()))))
        assert first == whole
    assert total(verdicts[1:]) != whole


def test_reasons_beyond_a_number_are_counted_together(verdicts):
    refusals = total(verdicts).refusals
    assert len(refusals) == REASONS + 1
    assert refusals[OTHERS] == 2 * REASONS
    assert refusals.total() == 3 * REASONS


def test_the_json_form_lacks_no_sum(verdicts):
    table = total(verdicts).to_json()
    for name in table.keys() - LATER.keys():
        with pytest.raises(KeyError, match=name):
            Summary.from_json("x", {key: value for key, value in table.items() if key != name})
    assert Summary.from_json("x", table | {"histogram": []}).to_json() == table


def test_a_journal_of_an_older_version_lacks_what_came_later(verdicts):
    table = total(verdicts).to_json()
    old = {key: value for key, value in table.items() if key not in LATER}
    assert Summary.from_json("x", old).to_json() == table | LATER


def test_verdicts_on_last_outputs_are_counted(verdicts):
    one = total([*verdicts, *(replace(each, by_last_outputs=True) for each in verdicts)])
    one.merge(total([replace(verdicts[0], by_last_outputs=True)]))
    assert one.by_last_outputs == 1 + sum(not known_difference(each) for each in verdicts)
    assert Summary.from_json(one.name, one.to_json()).by_last_outputs == one.by_last_outputs
    assert one.by_sample == 0
    sample = replace(verdicts[0], by_last_outputs=True, sample="8 of its 20 lengths")
    one.merge(total([sample, sample]))
    assert Summary.from_json(one.name, one.to_json()).by_sample == one.by_sample == 2


def test_what_agrees_in_a_wider_dtype_is_counted(verdicts):
    agrees = next(verdict for verdict in verdicts if verdict.kind == "agrees")
    differs = next(verdict for verdict in verdicts if verdict.kind == "differs")
    one = total([agrees, replace(agrees, wider=True), replace(differs, wider=True)])
    one.merge(total([replace(agrees, wider=True)]))
    assert one.wider == 2


@pytest.mark.parametrize(
    ("counts", "blind", "status"),
    [
        ({"agrees": 2, "crashed": 1}, False, 1),
        ({"agrees": 2}, True, 3),
        ({"refused": 2}, False, 3),
        ({"agrees": 1, "known": 2, "inconclusive": 1}, False, 0),
    ],
)
def test_the_exit_status_says_what_the_sums_mean(counts, blind, status):
    summary = Summary("x", blind=blind)
    summary.counts.update(counts)
    assert summary.exit_status == status


def test_not_a_number_is_the_worst_ratio_whatever_comes_after():
    assert worse(float("nan"), 5.0)
    assert not worse(5.0, float("nan"))
    assert worse(5.0, 4.0)
    assert not worse(4.0, 5.0)
