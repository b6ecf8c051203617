"""Feedback: the same for a shard whatever the order in which others end."""

import random
from dataclasses import replace

import pytest

from harness.campaign.feedback import Feedback
from harness.campaign.plan import shards
from harness.campaign.shard import Task, judge_shard
from tests.campaign.plans import PLAN

pytestmark = pytest.mark.usefixtures("no_worker")


def result_of(plan, one):
    return judge_shard(Task(plan, one, {}, frozenset()), ())


def test_one_that_has_ended_processes_is_judged_no_more_once_that_is_settled():
    plan = replace(PLAN, implementations={"numpy": 1}, ahead=3)
    learned = Feedback(plan)
    without = []
    for one in [one for one, _ in zip(shards(plan), range(8), strict=False)]:
        without.append("numpy" in learned.task(one).without)
        learned.add(one.number, one.group, {"numpy": {"deaths": 3, "drawn": {}, "top": []}})
    assert (
        without == [False] * 4 + [True] * 4
    )  # 3 and 3 deaths are those of shards 0 and 1: settled for shard 4


@pytest.mark.deep
@pytest.mark.slow
def test_what_a_shard_learns_does_not_depend_on_the_order_in_which_others_end():
    plan = replace(
        PLAN,
        implementations={"numpy": 1},
        cases=3000,
        limits={"time": (1, 3), "hidden_size": (1, 4)},
        ahead=3,
    )
    whole = list(shards(plan))
    results = {one.number: result_of(plan, one)["tables"] for one in whole[:6]}
    told = []
    for seed in range(3):
        learned = Feedback(plan)
        for number in range(6):  # each window of three comes in any order
            if number % 3 == 0:
                for other in random.Random(seed).sample(range(number, number + 3), 3):
                    learned.add(other, "numpy", results[other])
        told.append([learned.task(one).sub_limits for one in whole[:6]])
    assert told[0] == told[1] == told[2]
    assert any(told[0])
