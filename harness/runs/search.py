"""Decides which cases of the stream each implementation is judged on: a run's rounds.

The first round is the first `examples` cases and some large ones. Who refused some goes on along
the stream until as many are judged, until each value is (see `coverage`), and until a case beyond
each wall is. A round is planned from the rounds before it, so that it depends neither on timing nor
on the number of workers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from harness.draw.generate import choices_at
from harness.draw.large import LARGE, wall_of, walls
from harness.draw.limits import Limits
from harness.implementations.names import by_group
from harness.runs.batches import STRIDE, Block, Row, blocks
from harness.runs.coverage import CASES, Coverage
from harness.runs.ledger import Difference
from harness.runs.scope import Scope, scope_of
from harness.runs.values import Value, Values, expected_values

LARGE_CASES = 25  # follow the cases of the first round, two or three for each of WALLS
FEW = 100  # cases; a run of fewer has no large ones
BOUND = 20  # times as many cases as `examples` may be looked at
RETRY = 16  # a value that was always refused is tried again in one case of so many


class Search:
    """Plans the rounds of a run, and counts what became of their cases."""

    def __init__(
        self,
        names: Sequence[str],
        examples: int,
        seed: int,
        allowed: Limits,
        every: Mapping[str, int],
        own: tuple[Difference, ...] = (),
    ) -> None:
        """`every` names implementations that are only sampled; a variant of theirs covers them.

        `own` are the user's known deviations that the judge has to know of.
        """
        self._own = own
        self._groups, self._examples, self._seed = by_group(names), examples, seed
        self._allowed, self._every = allowed, every
        self._coverage = {name: Coverage(allowed, examples) for name in names if name not in every}
        self._next = dict.fromkeys(self._coverage, examples)
        self._searching: dict[str, list[str]] = {}  # by group: who may need more cases
        self._rows: Counter[str] = Counter()  # since the last round
        self._twice: Counter[str] = Counter()  # cases that were not refused and called twice
        self.large = LARGE_CASES if examples >= FEW and walls(allowed) else 0
        self._next_large = dict.fromkeys(self._coverage, self.large)
        # By name and wall, the large cases that were not refused.
        self._crossings: dict[str, Counter[str]] = {name: Counter() for name in names}
        self._left_out: dict[str, dict[int, None]] = {name: {} for name in names}  # in order
        self._refusals: dict[str, Counter[Value]] = {name: Counter() for name in names}
        self._values = lru_cache(1 << 14)(self._values_at)

    def add(self, row: Row) -> None:
        """Learns from one row, of any round so far."""
        name = row.verdict.implementation
        if row.at >= LARGE and row.verdict.kind != "refused":
            self._crossings[name][wall_of(row.at - LARGE, self._allowed).name] += 1
        if name in self._coverage:
            self._rows[name] += 1
            self._coverage[name].add(row.values, row.verdict.kind)
            self._twice[name] += row.again is not None and row.verdict.kind != "refused"

    def next_round(self, group: str) -> Iterable[Block]:
        """Returns the group's next blocks, once all rows of those before are added; none at last.

        A group need not wait for others, so that its process does not either.
        """
        if group not in self._searching:
            names = self._groups[group]
            self._searching[group] = [name for name in names if name in self._coverage]
            return self._blocks(names, self._first, self._strides(names))
        # Who gave no row since the last round has ended too many processes.
        names = [name for name in self._searching[group] if self._rows[name]]
        picks = {name: picks for name in names if (picks := self._pick(name))}
        self._searching[group] = list(picks)
        self._rows -= Counter({name: self._rows[name] for name in names})
        return self._work(picks)

    @property
    def _first(self) -> list[int]:
        """The cases of the first round."""
        return [*range(self._examples), *range(LARGE, LARGE + self.large)]

    def first_count(self, name: str) -> int:
        """Returns on how many cases of the first round the implementation is judged."""
        every = self._every.get(name, 1)
        return sum(index % every == 0 for index in self._first)

    @property
    def groups(self) -> list[str]:
        """The groups of implementations that share a process."""
        return list(self._groups)

    def scopes(self, interrupted: bool) -> dict[str, Scope]:
        """Says by name what each implementation was judged on; without those only sampled."""
        return {
            name: scope_of(name, coverage, self._examples, self._allowed, interrupted)
            for name, coverage in self._coverage.items()
        }

    def _values_at(self, index: int) -> Values:
        return expected_values(*choices_at(index, self._seed, self._allowed))

    def _pick(self, name: str) -> list[int]:
        """Returns the cases that the implementation is judged on next; none where all is done."""
        coverage = self._coverage[name]
        judged, _, hopeless, scarce = coverage.knowledge()
        missing = self._examples - (coverage.accepted - self._crossings[name].total())
        picks = self._pick_large(name, hopeless)
        if missing > 0:
            return [*islice(self._promising(name, hopeless), missing), *picks]
        lacks = {value: coverage.need - judged[value] for value in scarce}
        for index in self._promising(name, hopeless) if lacks else ():
            if values := self._values(index) & lacks.keys():
                picks.append(index)
                lacks |= {value: lacks[value] - 1 for value in values}
                if not all(lacks.values()):
                    break
        return picks

    def _pick_large(self, name: str, hopeless: Values) -> list[int]:
        """Returns the next large cases beyond walls of which it refused all, one for each."""
        names = {wall.name for wall in walls(self._allowed)} if self.large else set()
        missing = {wall for wall in names if not self._crossings[name][wall]}
        picks: list[int] = []
        while missing and self._next_large[name] < BOUND * LARGE_CASES:
            index = LARGE + self._next_large[name]
            self._next_large[name] += 1
            wall = wall_of(index - LARGE, self._allowed).name
            if wall in missing and not self._values(index) & hopeless:
                picks.append(index)
                missing.remove(wall)
        return picks

    def _promising(self, name: str, hopeless: Values) -> Iterator[int]:
        """Yields the next cases of the stream without hopeless values; of those now and then one.

        Cases that were left out for a value come back when nothing speaks against them any more.
        """
        left_out = self._left_out[name]
        for index in [index for index in left_out if not self._values(index) & hopeless]:
            del left_out[index]
            yield index
        while self._next[name] < BOUND * self._examples:
            index = self._next[name]
            self._next[name] += 1
            reasons = self._values(index) & hopeless
            if not reasons or self._try_again(name, reasons):
                yield index
            else:
                left_out[index] = None

    def _try_again(self, name: str, reasons: Values) -> bool:
        """Tells whether a case is called all the same, where one value alone speaks against it."""
        if len(reasons) > 1:
            return False
        (value,) = reasons
        self._refusals[name][value] += 1
        return self._refusals[name][value] % RETRY == 0

    def _work(self, picks: Mapping[str, list[int]]) -> Iterator[Block]:
        """Divides cases into blocks, which implementations share where they can."""
        sharing: dict[tuple[int, ...], list[str]] = {}
        for name, own in picks.items():
            sharing.setdefault(tuple(own), []).append(name)
        for indices, names in sharing.items():
            strides = {name: self._stride(name, len(indices)) for name in names}
            yield from self._blocks(names, indices, strides)

    def _blocks(
        self, names: Sequence[str], indices: Sequence[int], strides: Mapping[str, int]
    ) -> Iterator[Block]:
        return blocks(names, indices, self._seed, self._allowed, self._every, strides, self._own)

    def _strides(self, names: Iterable[str]) -> dict[str, int]:
        """Returns, for the first round, on which of its cases each implementation is called twice.

        They are so many that CASES of them are judged, unless it refuses some.
        """
        strides = {}
        for name in names:
            every = self._every.get(name, 1)
            own = -(-self._examples // every)
            strides[name] = every * max(1, min(STRIDE, own // CASES))
        return strides

    def _stride(self, name: str, count: int) -> int:
        """Returns the same for a later round of `count` cases."""
        missing = CASES - self._twice[name]
        if missing <= 0:
            return STRIDE
        coverage = self._coverage[name]
        expected = count * coverage.accepted // max(1, coverage.sums.total())
        return max(1, min(STRIDE, expected // (2 * missing)))
