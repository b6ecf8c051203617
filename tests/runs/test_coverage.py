"""What is learned from refusals: the fewest values that explain them, and no coincidence."""

import pytest

from harness.draw.generate import choices_at
from harness.draw.limits import limits
from harness.runs.coverage import SURE, Coverage
from harness.runs.values import expected_values

ALLOWED = limits()


def learn(refuses, count=200, examples=200, seed=0):
    coverage = Coverage(ALLOWED, examples)
    for index in range(count):
        values = expected_values(*choices_at(index, seed, ALLOWED))
        coverage.add(values, "refused" if refuses(dict(values), index) else "agrees")
    return coverage.knowledge()


@pytest.mark.parametrize("seed", range(5))
def test_what_is_always_refused_is_blamed_and_left_out(seed):
    def refuses(values, index):
        return values["mask"] or values["nonlinearity"] == "relu" or values["num_layers"] > 1

    knowledge = learn(refuses, seed=seed)
    expected = {("mask", True), ("nonlinearity", "relu"), ("num_layers", 2), ("num_layers", 3)}
    assert expected <= knowledge.blamed.keys()
    assert knowledge.hopeless == expected
    assert not knowledge.scarce & expected
    assert all(knowledge.refuses(value) for value in expected)
    assert not any(knowledge.judged[value] for value in expected)


def test_a_value_that_was_accepted_once_is_not_blamed():
    def refuses(values, index):
        return values["mask"] and index > 20

    assert ("mask", True) not in learn(refuses).blamed


@pytest.mark.parametrize("seed", range(5))
def test_no_value_is_blamed_for_refusals_that_have_other_reasons(seed):
    """One case of thirty is accepted: sigmoid would hardly ever be among them."""
    assert not learn(lambda values, index: index % 30, seed=seed).blamed


def test_nothing_is_learned_before_a_case_is_accepted():
    knowledge = learn(lambda values, index: True)
    assert not knowledge.blamed
    assert not knowledge.hopeless


def test_a_value_is_wanted_until_it_is_judged_or_refused_often_enough():
    knowledge = learn(lambda values, index: False, count=30)
    assert ("nonlinearity", "softsign") in knowledge.scarce
    assert ("nonlinearity", "tanh") not in knowledge.scarce
    assert not learn(lambda values, index: False).scarce
    assert not learn(lambda values, index: False, count=19, examples=19).scarce
    few = learn(lambda values, index: values["mask"], count=4)
    assert few.blamed.get(("mask", True), 0) < SURE
    assert ("mask", True) in few.scarce


def test_values_that_are_never_decided_are_given_up():
    coverage = Coverage(ALLOWED, 200)
    for index in range(400):
        values = expected_values(*choices_at(index, 0, ALLOWED))
        undecided = dict(values)["num_layers"] == 3
        coverage.add(values, "inconclusive" if undecided else "agrees")
    assert ("num_layers", 3) not in coverage.knowledge().scarce
    assert coverage.accepted == 400
    assert 250 < coverage.sums["judged"] < 400


def test_the_order_of_verdicts_changes_nothing():
    rows = [(expected_values(*choices_at(i, 0, ALLOWED)), i) for i in range(100)]
    both = []
    for order in (rows, rows[::-1]):
        coverage = Coverage(ALLOWED, 100)
        for values, index in order:
            refused = dict(values)["bidirectional"] or index % 3 == 0
            coverage.add(values, "refused" if refused else "agrees")
        both.append((coverage.knowledge(), list(coverage.knowledge().blamed)))
    assert both[0] == both[1]
