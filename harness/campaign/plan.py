"""The plan of a campaign, and its shards."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from harness.draw.large import Wall, wall_at
from harness.draw.limits import Limits, limits
from harness.implementations.names import group_of
from harness.runs.deviations import Deviation, deviations_in

LARGEST = 10**15
SPAN = (250, 5000)  # verdicts in a shard, about: the fewest, and the most of a large campaign
SHARDS = 1000  # in a large campaign, about
# What is judged on a share of the cases is slow, as a rule: nobody should wait for its shards.
SLOW = 8
MOST_AHEAD = 100_000  # shards: of a thousand machines at once
LONGEST = 60.0  # seconds for a shard where time is limited, about


@dataclass(frozen=True)
class Plan:
    """All that decides a campaign's result. Every value is one that JSON has."""

    implementations: Mapping[str, int]  # name -> it is judged on one case in so many
    cases: int | None  # None: as many as there is time for
    seconds: float | None  # running time, added up over resumes
    seed: int
    limits: Mapping[str, Any]  # as the user wrote them
    time_limit: float  # seconds for one verdict
    memory_limit: int  # MiB of resident memory for one worker process
    # A shard starts once every shard that is `ahead` or more before it is committed, and gets
    # feedback from exactly those.
    ahead: int
    # Seconds for a verdict of the slowest implementation, measured where `seconds` is set: a shard
    # should not outlast it.
    pace: float
    steer: bool = True  # every second shard draws where ratios are high
    examples: tuple[str, ...] = ()  # saved cases in base64, judged first
    large: int = 0  # one case in so many is large; 0 for none, as in journals of 0.1.0
    # The `file` of the user's own known deviations, and its `text`: it may change later.
    deviations: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for an impossible value: a journal may have been altered."""
        counts = {
            "seed": (self.seed, 0),
            "memory_limit": (self.memory_limit, 1),
            "ahead": (self.ahead, 1),
            "large": (self.large, 0),
            "cases": (1 if self.cases is None and self.seconds is not None else self.cases, 1),
            **{f"the share of {name}": (n, 1) for name, n in dict(self.implementations).items()},
        }
        for name, (count, least) in counts.items():
            if type(count) is not int or not least <= count <= LARGEST:
                expectation = f"expected a whole number from {least} to {LARGEST}"
                raise ValueError(f"{name} is {count!r}, {expectation}")
        if self.ahead > MOST_AHEAD:
            raise ValueError(f"ahead is {self.ahead}, expected at most {MOST_AHEAD}")
        for name in ("time_limit", "seconds", "pace"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and 0 < value <= LARGEST
            if not number and (name != "seconds" or value is not None):
                raise ValueError(f"{name} is {value!r}, expected a number of seconds above 0")
        texts = (*self.implementations, *self.examples)
        if not self.implementations or not all(isinstance(text, str) for text in texts):
            raise ValueError("implementations must be names, and examples must be saved cases")
        self.own_deviations()
        self.allowed()

    def to_json(self) -> dict[str, Any]:
        """Returns a table for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> "Plan":
        """Builds the plan from its table."""
        return cls(**{**table, "examples": tuple(table["examples"])})

    def allowed(self, sub_limits: Mapping[str, Any] = MappingProxyType({})) -> Limits:
        """Checks the plan's limits, those in `sub_limits` replaced, which may be JSON's lists."""
        merged = {**self.limits, **sub_limits}
        return limits(
            **{name: tuple(v) if isinstance(v, list) else v for name, v in merged.items()}
        )

    def own_deviations(self) -> tuple[Deviation, ...]:
        """Returns the user's own known deviations, of which nothing has been counted."""
        if self.deviations is None:
            return ()
        if not {*map(type, self.deviations.values())} == {str}:
            raise ValueError("deviations must be texts")
        return deviations_in(self.deviations["text"], self.deviations["file"])

    def wall_at(self, index: int) -> Wall | None:
        """Returns the wall that a large case crosses; None for any other case."""
        if not self.large or index % self.large != self.large - 1:
            return None
        return wall_at(index, self.seed, self.allowed())

    @property
    def bounds(self) -> tuple[float, int]:
        """Seconds for one verdict, MiB for one process."""
        return self.time_limit, self.memory_limit

    @property
    def verdicts(self) -> int | None:
        """The number of verdicts, or None where time decides it."""
        if self.cases is None:
            return None
        examples = len(self.examples)
        return sum(examples - (-self.cases // every) for every in self.implementations.values())


@dataclass(frozen=True)
class Shard:
    """The cases from `start` to `stop - 1` of the campaign's stream, for one group's names."""

    number: int
    group: str
    names: tuple[str, ...]
    start: int
    stop: int
    kind: str  # "blind", "steered" or "examples": the saved cases


def groups(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Groups the implementations that share a process.

    Those of one framework that are judged on all cases are one group, those on a share another,
    since eager layers leak memory, after which a process is replaced, and tracing again takes long.
    A user's function has a process of its own, so that what it leaves behind harms no other.
    """
    groups: dict[str, list[str]] = {}
    for name, every in plan.implementations.items():
        groups.setdefault(group_of(name) + (", shares" if every > 1 else ""), []).append(name)
    return {group: tuple(names) for group, names in groups.items()}


def shards(plan: Plan) -> Iterator[Shard]:
    """Yields all shards in their order, without end where the plan has no number of cases."""
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
        kind = "steered" if plan.steer and start // width % 2 else "blind"
        yield Shard(number, group, names, start, stop, kind)
        number += 1
        if plan.cases is None or stop < plan.cases:
            heapq.heappush(queue, (stop, position, group, names, width))


def _width(plan: Plan, names: tuple[str, ...]) -> int:
    """Returns the number of cases in a shard, a multiple of the largest share."""
    least, most = SPAN
    shares = [plan.implementations[name] for name in names]
    expected = plan.verdicts or round((plan.seconds or 0) / plan.pace)
    span = min(max(least, expected // SHARDS), most)
    if plan.seconds is not None:
        span = min(span, max(1, round(min(LONGEST, plan.seconds / 20) / plan.pace)))
    if max(shares) > 1:
        span = max(1, span // SLOW)
    return max(1, round(span / sum(1 / share for share in shares) / max(shares))) * max(shares)
