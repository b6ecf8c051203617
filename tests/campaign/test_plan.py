"""Plans and their shards."""

import json
from dataclasses import replace

import pytest

from harness.campaign.plan import Plan, groups, shards
from harness.runs.deviations import WrongDeviations
from tests.campaign.plans import PLAN
from tests.runs.late import KNOWN_LATE


def test_shards_cover_every_case_of_every_implementation_once():
    seen = {name: [] for name in PLAN.implementations}
    for number, one in enumerate(shards(PLAN)):
        assert one.number == number
        for name in one.names:
            seen[name] += range(one.start, one.stop)
    assert all(indices == list(range(10_000)) for indices in map(sorted, seen.values()))


def test_those_that_are_judged_on_a_share_have_processes_of_their_own():
    assert groups(PLAN) == {
        "numpy": ("numpy",),
        "torch": ("torch",),
        "keras": ("keras/graph",),
        "keras, shares": ("keras", "keras/unroll"),
    }


def test_a_users_function_has_a_process_of_its_own():
    plan = replace(
        PLAN, implementations={"mine.py:one": 1, "mine.py:other": 1, "torch": 1, "torch/packed": 1}
    )
    assert list(groups(plan).values()) == [
        ("mine.py:one",),
        ("mine.py:other",),
        ("torch", "torch/packed"),
    ]


def test_every_second_shard_of_a_group_is_steered_or_none_is():
    kinds = [one.kind for one in shards(PLAN) if one.group == "torch"]
    assert kinds[:4] == ["blind", "steered", "blind", "steered"]
    assert {one.kind for one in shards(replace(PLAN, steer=False))} == {"blind"}


def test_the_verdicts_are_known_beforehand():
    assert PLAN.verdicts == 30_000 + 1_000 + 100
    assert replace(PLAN, cases=None, seconds=5.0).verdicts is None


def test_a_plan_survives_json():
    plan = replace(PLAN, limits={"time": (1, 5), "dtype": ("float32",)}, examples=("abc",))
    again = Plan.from_json(json.loads(json.dumps(plan.to_json())))
    assert again.allowed() == plan.allowed()
    assert again.examples == plan.examples


def test_known_deviations_are_part_of_a_plan_and_start_uncounted():
    deviations = {"file": "known.toml", "text": KNOWN_LATE}
    plan = replace(PLAN, deviations=deviations)
    again = Plan.from_json(json.loads(json.dumps(plan.to_json())))
    assert again == plan
    again.own_deviations()[0].hits = 5
    (one,) = again.own_deviations()
    assert (one.entry.id, one.hits, one.agreed) == ("late-bias", 0, 0)
    assert PLAN.own_deviations() == ()
    with pytest.raises(WrongDeviations, match=r"known\.toml is no TOML"):
        replace(PLAN, deviations={**deviations, "text": "x"})
    with pytest.raises(ValueError, match="deviations must be texts"):
        replace(PLAN, deviations={**deviations, "text": 1})
