"""Feedback from committed shards, which steers later ones.

A shard sees exactly the shards `plan.ahead` before it, so results do not depend on timing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.campaign.plan import Plan, Shard
from harness.campaign.shard import Task
from harness.campaign.steer import Ratios

# Processes that an implementation may end in all settled shards; then it is judged no more.
DEATHS_IN_ALL = 5


class Feedback:
    """Takes in the results of shards in any order, and applies them by number."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._plan_alone = replace(plan, examples=())  # the saved cases may be large
        self._results: dict[int, tuple[str, Mapping[str, Any]]] = {}
        self._next = 0
        self._deaths: Counter[str] = Counter()
        self._ratios: dict[str, Ratios] = {}

    @property
    def lowest(self) -> int:
        """The number of the first shard that has not been added."""
        number = self._next
        while number in self._results:
            number += 1
        return number

    def add(self, number: int, group: str, tables: Mapping[str, Any]) -> None:
        """Adds the tables of a committed shard."""
        self._results[number] = group, tables

    def task(self, shard: Shard) -> Task:
        """Returns the shard with its feedback. Must be called in the order of shards."""
        while self._next <= shard.number - self._plan.ahead:
            group, tables = self._results.pop(self._next)
            self._next += 1
            self._deaths.update({name: table["deaths"] for name, table in tables.items()})
            self._ratios.setdefault(group, Ratios(self._plan.allowed())).add(tables)
        sub_limits: dict[str, Any] = {}
        if shard.kind == "steered" and shard.group in self._ratios:
            sub_limits = self._ratios[shard.group].best(f"{self._plan.seed} {shard.number}")
        plan = self._plan if shard.kind == "examples" else self._plan_alone
        ended = frozenset(name for name in shard.names if self._deaths[name] >= DEATHS_IN_ALL)
        return Task(plan, shard, sub_limits, ended)
