"""What a campaign is to do, and how that is cut into shards."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from harness.draw.limits import Limits, limits
from harness.runs.resolve import group_of

LARGEST = 10**15
SPAN = (250, 5000)  # verdicts in a shard, about: the fewest, and the most of a large campaign
SHARDS = 1000  # in a large campaign, about
SLOW = 8  # what is judged on a share of the cases is slow, as a rule: nobody should wait for its shards
LONGEST = 60.0  # seconds for a shard where time is given, about


@dataclass(frozen=True)
class Plan:
    """All that decides a campaign's result. Every value is one that JSON has."""

    implementations: Mapping[str, int]  # name -> it is judged on one case in so many
    cases: int | None  # None: as many as there is time for
    seconds: float | None  # running time, added up over resumes
    seed: int
    limits: Mapping[str, Any]  # as given
    time_limit: float  # seconds for one verdict
    memory_limit: int  # MiB of resident memory for one worker process
    ahead: int  # a shard starts once all shards that are so far before it are committed: what it may learn from them is settled
    pace: float  # seconds for a verdict of the slowest, where time is given: measured, since a shard should not outlast it
    steer: bool = True  # every second shard draws where ratios are high
    examples: tuple[str, ...] = ()  # saved cases in base64, judged first

    def __post_init__(self) -> None:
        """Raises ValueError where a value cannot be: a journal may have been altered."""
        whole: dict[str, tuple[Any, int]] = {
            "seed": (self.seed, 0),
            "memory_limit": (self.memory_limit, 1),
            "ahead": (self.ahead, 1),
        }
        whole |= (
            {"cases": (self.cases, 1)} if self.cases is not None or self.seconds is None else {}
        )
        whole |= {
            f"the share of {name}": (every, 1) for name, every in dict(self.implementations).items()
        }
        for name, (count, least) in whole.items():
            if type(count) is not int or not least <= count <= LARGEST:
                raise ValueError(
                    f"{name} is {count!r}, expected a whole number from {least} to {LARGEST}"
                )
        for name, seconds in (
            ("time_limit", self.time_limit),
            ("seconds", self.seconds),
            ("pace", self.pace),
        ):
            if seconds is not None and not (
                isinstance(seconds, int | float) and 0 < seconds <= LARGEST
            ):
                raise ValueError(f"{name} is {seconds!r}, expected a number of seconds above 0")
        if not self.implementations or not all(
            isinstance(text, str) for text in (*self.implementations, *self.examples)
        ):
            raise ValueError("implementations and examples are no names and no saved cases")
        self.allowed()

    def to_json(self) -> dict[str, Any]:
        """A table for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> "Plan":
        """The plan again."""
        return cls(**{**table, "examples": tuple(table["examples"])})

    def allowed(self, part: Mapping[str, Any] = MappingProxyType({})) -> Limits:
        """Checked limits, from JSON's lists; the part's before the plan's."""
        given = {**self.limits, **part}
        return limits(
            **{
                name: tuple(value) if isinstance(value, list) else value
                for name, value in given.items()
            }
        )

    @property
    def bounds(self) -> tuple[float, int]:
        """Seconds for one verdict, MiB for one process."""
        return self.time_limit, self.memory_limit

    @property
    def verdicts(self) -> int | None:
        """How many there will be."""
        if self.cases is None:
            return None
        return sum(-(-self.cases // every) for every in self.implementations.values()) + len(
            self.examples
        ) * len(self.implementations)


@dataclass(frozen=True)
class Shard:
    """The cases from `start` to `stop - 1` of the campaign's stream, for implementations that share a process."""

    number: int
    group: str
    names: tuple[str, ...]
    start: int
    stop: int
    kind: str  # "blind", "steered" or "examples": the saved cases


def groups(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Implementations that share a process: those of one framework that are judged on all cases, and those on a share.

    They stay apart since eager layers leak memory, after which a process is replaced, and tracing again is dear. A user's function
    has a process of its own: what it leaves behind shall harm no other.
    """
    found: dict[str, list[str]] = {}
    for name, every in plan.implementations.items():
        found.setdefault(group_of(name) + (", shares" if every > 1 else ""), []).append(name)
    return {group: tuple(names) for group, names in found.items()}


def shards(plan: Plan) -> Iterator[Shard]:
    """All shards in their order; without end where the plan has no number of cases."""
    number = 0
    for group, names in groups(plan).items() if plan.examples else ():
        yield Shard(number, group, names, 0, len(plan.examples), "examples")
        number += 1
    queue = [
        (0, position, group, names, _width(plan, names))
        for position, (group, names) in enumerate(groups(plan).items())
    ]
    while queue:
        start, position, group, names, width = heapq.heappop(queue)
        stop = start + width if plan.cases is None else min(start + width, plan.cases)
        yield Shard(
            number,
            group,
            names,
            start,
            stop,
            "steered" if plan.steer and start // width % 2 else "blind",
        )
        number += 1
        if plan.cases is None or stop < plan.cases:
            heapq.heappush(queue, (stop, position, group, names, width))


def _width(plan: Plan, names: tuple[str, ...]) -> int:
    """The cases of a shard, a multiple of every share."""
    least, most = SPAN
    expected = plan.verdicts or round((plan.seconds or 0) / plan.pace)
    span = min(max(least, expected // SHARDS), most)
    if plan.seconds is not None:
        span = min(span, max(1, round(min(LONGEST, plan.seconds / 20) / plan.pace)))
    if any(plan.implementations[name] > 1 for name in names):
        span = max(1, span // SLOW)
    share = sum(1 / plan.implementations[name] for name in names)
    largest = max(plan.implementations[name] for name in names)
    return max(1, round(span / share / largest)) * largest
