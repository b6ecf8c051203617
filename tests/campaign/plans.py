"""A plan of every kind of implementation, which the tests of a campaign's parts share."""

from harness.campaign.plan import Plan

PLAN = Plan(
    {"numpy": 1, "torch": 1, "keras/graph": 1, "keras": 10, "keras/unroll": 100},
    cases=10_000,
    seconds=None,
    seed=0,
    limits={},
    time_limit=60.0,
    memory_limit=4096,
    ahead=16,
    pace=0.002,
)
