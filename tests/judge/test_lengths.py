"""lengths: few calls and few steps, each length once, and the end of a case always."""

from dataclasses import replace

import numpy as np
import pytest

from harness import sample_cases
from harness.judge.lengths import EVERY, FIRST, LONGEST, STEPS, WIDTH, judged_steps, lengths_of
from references.case import Case, CellWeights, Config

ONE = CellWeights(np.ones((1, 1), "float32"), np.ones((1, 1), "float32"))


def of_time(time, masked=False, both=False):
    mask = np.ones((1, time), bool) if masked else None
    config, weights = Config(1, 1, bidirectional=both), (ONE,) * (2 if both else 1)
    return Case(config, weights, np.zeros((1, time, 1), "float32"), mask=mask)


def test_a_short_case_is_cut_to_each_of_its_lengths():
    for time in (1, EVERY):
        lengths = lengths_of(of_time(time, masked=True))
        assert lengths.is_all
        assert lengths.all == list(range(1, time + 1))


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("time", [EVERY + 1, 515, 777, 1030, 2000, 5000, 9_999, LONGEST])
def test_the_calls_and_the_steps_of_a_long_case_are_bounded(time, both):
    case = of_time(time, both=both)
    lengths, directions = lengths_of(case), case.config.num_directions
    every = lengths.all
    assert every == sorted(set(every))
    assert every[:FIRST] == list(range(1, FIRST + 1))
    assert every[-WIDTH:] == list(range(time - WIDTH + 1, time + 1))
    assert len(every) <= EVERY
    assert directions * (sum(every) - time) <= STEPS
    assert lengths == lengths_of(case)


def test_groups_lie_everywhere_and_at_no_equal_distances():
    groups = np.array(lengths_of(of_time(2000)).groups)
    assert len(groups) > 40
    assert np.histogram(groups, 8, (FIRST, 2000))[0].min() >= 5
    for period in (2, 3, 5, 8, 16):
        assert set((groups % period).tolist()) == set(range(period))


def test_the_steps_of_a_group_have_so_many_neighbours_before():
    lengths = lengths_of(of_time(2000))
    for neighbours in (1, 2):
        steps = lengths.steps_after(neighbours)
        assert steps.shape == (len(lengths.groups), WIDTH - neighbours)
        needed = {int(step) + 1 - back for step in steps.ravel() for back in range(neighbours + 1)}
        assert needed <= set(lengths.all)
        assert steps[-1, -1] == 1999
    assert lengths.without_groups.steps_after(1).size == 0


def test_with_a_mask_the_first_lengths_are_judged_alone():
    lengths = lengths_of(of_time(2000, masked=True))
    assert (lengths.is_all, lengths.groups, lengths.all[-1]) == (False, (), FIRST)


def test_the_judged_steps_are_all_or_the_first():
    (case,) = sample_cases(1, time=3)
    assert judged_steps(case, False) is case
    assert judged_steps(of_time(2000), True).time == FIRST
    assert judged_steps(replace(of_time(2000), origin="mine"), True).origin.endswith(f"({FIRST})")
