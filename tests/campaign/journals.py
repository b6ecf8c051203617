"""A plan and a result to fill journals with."""

from pathlib import Path

from harness.campaign.make_plan import PACE
from harness.campaign.plan import Plan

PLAN = Plan({"numpy": 1}, 10**8, None, 0, {"time": (1, 5)}, 60.0, 4096, 16, PACE)
FACTS = {"versions": {"numpy": "2"}, "environment": {}}
RESULT = {
    "tables": {},
    "coverage": {},
    "part": {},
    "versions": {"numpy": "2"},
    "memory": 1 << 20,
    "seconds": 0.5,
}
PATH = Path("a.campaign")
