"""Decides which cases of the stream each implementation is judged on: a run's rounds.

The first round is the first `examples` cases. Who refused some goes on along the stream until as
many are judged, and until each value is: see `coverage`. A round is planned from the rounds before
it, so that it depends neither on timing nor on the number of workers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from harness.draw.generate import choices_at
from harness.draw.limits import Limits
from harness.runs.batches import STRIDE, Block, Row, blocks
from harness.runs.coverage import CASES, Coverage
from harness.runs.resolve import by_group, group_of
from harness.runs.scope import Scope, scope_of
from harness.runs.values import Value, Values, expected_values

BOUND = 20  # times as many cases as `examples` may be looked at
RETRY = 16  # a value that was always refused is tried again in one case of so many

Work = Mapping[str, Iterable[Block]]  # by group


class Search:
    """Plans the rounds of a run, and counts what became of their cases."""

    def __init__(
        self,
        names: Sequence[str],
        examples: int,
        seed: int,
        allowed: Limits,
        every: Mapping[str, int],
    ) -> None:
        """`every` names implementations that are only sampled; a variant of theirs covers them."""
        self._names, self._examples, self._seed = names, examples, seed
        self._allowed, self._every = allowed, every
        self._coverage = {name: Coverage(allowed, examples) for name in names if name not in every}
        self._next = dict.fromkeys(self._coverage, examples)
        self._rows: Counter[str] = Counter()
        self._twice: Counter[str] = Counter()  # cases that were not refused and called twice
        self._left_out: dict[str, dict[int, None]] = {name: {} for name in names}  # in order
        self._refusals: dict[str, Counter[Value]] = {name: Counter() for name in names}
        self._values = lru_cache(1 << 14)(self._values_at)

    def add(self, row: Row) -> None:
        """Learns from one row, of any round so far."""
        name = row.verdict.implementation
        if name in self._coverage:
            self._rows[name] += 1
            self._coverage[name].add(row.values, row.verdict.kind)
            self._twice[name] += row.again is not None and row.verdict.kind != "refused"

    def rounds(self) -> Iterator[Work]:
        """Yields the work of each round, once all rows of the rounds before it are added."""
        yield {
            group: self._blocks(names, range(self._examples), self._strides(names))
            for group, names in by_group(self._names).items()
        }
        names = list(self._coverage)
        while names:
            rows = self._rows.copy()
            picks = {name: picks for name in names if (picks := self._pick(name))}
            if picks:
                yield self._work(picks)
            # Who gave no row at all has ended too many processes.
            names = [name for name in picks if self._rows[name] > rows[name]]

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
        judged, _, hopeless, wanted = coverage.knowledge()
        missing = self._examples - coverage.accepted
        if missing > 0:
            return list(islice(self._promising(name, hopeless), missing))
        picks: list[int] = []
        lacks = {value: coverage.need - judged[value] for value in wanted}
        for index in self._promising(name, hopeless) if lacks else ():
            if values := self._values(index) & lacks.keys():
                picks.append(index)
                lacks |= {value: lacks[value] - 1 for value in values}
                if not all(lacks.values()):
                    break
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

    def _work(self, picks: Mapping[str, list[int]]) -> Work:
        """Divides cases into blocks; implementations of a group share them where they can."""
        sharing: dict[tuple[str, tuple[int, ...]], list[str]] = {}
        for name, own in picks.items():
            sharing.setdefault((group_of(name), tuple(own)), []).append(name)
        work: dict[str, list[Block]] = {}
        for (group, indices), names in sharing.items():
            strides = {name: self._stride(name, len(indices)) for name in names}
            work.setdefault(group, []).extend(self._blocks(names, indices, strides))
        return work

    def _blocks(
        self, names: Sequence[str], indices: Sequence[int], strides: Mapping[str, int]
    ) -> Iterator[Block]:
        return blocks(names, indices, self._seed, self._allowed, self._every, strides)

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
