"""Pairs of features: every one that occurs is possible."""

import pytest

from harness.campaign.coverage import Coverage, possible
from harness.draw.features import classes
from harness.draw.generate import choices_at, sample_cases
from harness.draw.limits import limits
from harness.judge.judge import judge
from references.numpy_rnn import run


@pytest.mark.slow
def test_every_pair_that_occurs_is_possible_and_nearly_all_possible_ones_occur():
    allowed = limits()
    pairs = set(possible(allowed))
    met = Coverage(["numpy"], allowed)
    case = next(sample_cases(1))
    verdict = judge(case, run, "numpy")
    for index in range(4000):
        met.add(verdict, classes(*choices_at(index, 0, allowed)))
    (judged_pairs, refused) = met.bits()["numpy"]
    (covered, _) = met._pairs["numpy"]
    assert covered <= pairs
    assert int(judged_pairs, 16).bit_count() == len(covered) > 0.97 * len(pairs)
    assert int(refused, 16) == 0


def test_pairs_follow_the_limits():
    few = possible(
        limits(
            nonlinearity="relu",
            dtype="float32",
            time=1,
            masks=False,
            regimes=("mantissa", "chaotic"),
        )
    )
    assert not [
        pair
        for pair in few
        if "tanh" in str(pair) or "ternary" in str(pair) or "float64" in str(pair)
    ]
    assert len(few) == len(set(few)) < len(possible(limits())) / 2


def test_classes_of_a_case():
    config, choices = choices_at(0, 0, limits())
    choices = choices._replace(time=9, batch=1, mask_kind="left", masked_output="zero")
    found = classes(config, choices)
    assert (found["time"], found["batch"], found["mask"]) == ("8-16", "1", "left zero")


@pytest.mark.slow
def test_pairs_of_cells_are_those_that_a_cell_can_have():
    allowed = limits(cell=("rnn", "gru", "lstm"))
    pairs, met = set(possible(allowed)), Coverage(["numpy"], allowed)
    verdict = judge(next(sample_cases(1)), run, "numpy")
    for index in range(4000):
        met.add(verdict, classes(*choices_at(index, 0, allowed)))
    (covered, _) = met._pairs["numpy"]
    assert covered <= pairs
    assert len(covered) > 0.95 * len(pairs)
    assert ("cell=lstm", "regime=memory") in pairs
    for impossible in (
        ("cell=lstm", "nonlinearity=relu"),
        ("cell=rnn", "regime=memory"),
        ("cell=rnn", "reset_after=False"),
        ("nonlinearity=relu", "reset_after=False"),
    ):
        assert impossible not in pairs
