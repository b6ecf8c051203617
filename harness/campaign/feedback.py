"""What earlier shards have taught, as far as it is settled: the same for a shard however the campaign went."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.campaign.plan import Plan, Shard
from harness.campaign.shard import Task
from harness.campaign.steer import Ratios

# Processes that an implementation may end in all settled shards; then the campaign judges it no more.
DEATHS_IN_ALL = 5


class Feedback:
    """Shards come in any order, and are taken in by number."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sent = replace(plan, examples=())  # the saved cases may be large
        self._results: dict[int, tuple[str, Mapping[str, Any]]] = {}
        self._next = 0
        self._deaths: Counter[str] = Counter()
        self._ratios: dict[str, Ratios] = {}

    @property
    def lowest(self) -> int:
        """The first shard that has not been added."""
        number = self._next
        while number in self._results:
            number += 1
        return number

    def add(self, number: int, group: str, tables: Mapping[str, Any]) -> None:
        """A shard is done."""
        self._results[number] = group, tables

    def task(self, shard: Shard) -> Task:
        """The shard with what those `plan.ahead` and more before it have taught. Shards must be asked for in their order."""
        while self._next <= shard.number - self._plan.ahead:
            group, tables = self._results.pop(self._next)
            self._next += 1
            self._deaths.update({name: table["deaths"] for name, table in tables.items()})
            self._ratios.setdefault(group, Ratios(self._plan.allowed())).add(tables)
        part: dict[str, Any] = {}
        if shard.kind == "steered" and shard.group in self._ratios:
            part = self._ratios[shard.group].best(f"{self._plan.seed} {shard.number}")
        plan = self._plan if shard.kind == "examples" else self._sent
        return Task(
            plan,
            shard,
            part,
            frozenset(name for name in shard.names if self._deaths[name] >= DEATHS_IN_ALL),
        )
