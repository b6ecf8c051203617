"""Holds a run's parts: rows of one cell, such as `torch gru`, are judged on cases of their own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from harness.draw.limits import LimitError, limits
from harness.implementations.names import cell_of
from harness.judge.verdict import Verdict
from harness.mistakes.sight import Sight
from harness.runs.batches import Block, Row
from harness.runs.deviations import Deviation, bounded
from harness.runs.results import Failures, Results
from harness.runs.scope import Scope
from harness.runs.search import Search
from harness.runs.summary import Summary
from references.cells import CELLS


class Examples(NamedTuple):
    """The numbers of cases: no dict, which code in this process could empty."""

    most: int  # of rows without a cell
    of_cell: int  # of rows of one cell

    def count(self, cell: str) -> int:
        """How many for rows of this cell; "" stands for rows without one."""
        return self.of_cell if cell else self.most


class Part(NamedTuple):
    """Decides on which cases some rows are judged, and adds up what became of them."""

    search: Search
    results: Results


class Parts:
    """The parts of a run as one: each group of implementations plans the rounds of all of them."""

    def __init__(
        self,
        names: Sequence[str],
        own: Mapping[str, Mapping[str, Any]],
        examples: Examples,
        seed: int,
        values: Mapping[str, Any],
        every: Mapping[str, int],
        deviations: Sequence[Deviation] = (),
    ) -> None:
        """Divides the names by cell.

        `own` has the limits of those that can be used, which may be narrower than `values`, those
        of the run: the others are in no search. `deviations` are the user's known ones, which are
        counted.
        """
        self._usable = tuple(name for name in names if name in own)
        narrow = {name: limits(**own[name]) for name in self._usable}
        self._parts: dict[str, Part] = {}
        self.shares: dict[str, int] = {}  # by cell, the number of cases of its rows
        self._by_name: dict[str, Part] = {}
        for cell in sorted({cell_of(name) for name in names}, key=["", *CELLS].index):
            rows = tuple(name for name in names if cell_of(name) == cell)
            allowed = limits(**within(cell, values))
            usable = tuple(name for name in self._usable if name in rows)
            search = Search(usable, examples.count(cell), seed, allowed, every, bounded(deviations))
            self._parts[cell] = Part(search, Results(rows, seed, allowed, deviations, narrow))
            self._by_name |= dict.fromkeys(rows, self._parts[cell])
            self.shares |= {cell: examples.count(cell)} if cell else {}

    @property
    def groups(self) -> list[str]:
        """The groups of implementations that share a process."""
        return list(dict.fromkeys(chain(*(part.search.groups for part in self._all))))

    def next_round(self, group: str) -> Iterable[Block]:
        """Returns the group's next blocks, of all parts, as `Search.next_round` does."""
        own = (part.search for part in self._all if group in part.search.groups)
        return chain(*(search.next_round(group) for search in own))

    def learn(self, row: Row) -> None:
        """Learns from one row, of any round so far."""
        self._by_name[row.verdict.implementation].search.add(row)

    def add(self, row: Row) -> None:
        """Counts one verdict."""
        self._by_name[row.verdict.implementation].results.add(row)

    @property
    def summaries(self) -> dict[str, Summary]:
        """The sums by name, one part after the other."""
        return dict(chain(*(part.results.summaries.items() for part in self._all)))

    def verdicts(self) -> tuple[Verdict, ...]:
        """Returns those that a report holds, one part after the other."""
        return tuple(chain(*(part.results.verdicts() for part in self._all)))

    def failures(self, name: str) -> list[Failures]:
        """Returns the failures that no known difference explains, the most frequent kind first."""
        return self._by_name[name].results.failures(name)

    def scopes(self, interrupted: bool) -> dict[str, Scope]:
        """Says by name what each was judged on; without those only sampled."""
        scopes = (part.search.scopes(interrupted).items() for part in self._all)
        return dict(chain(*scopes))

    def look_ahead(self) -> Iterator[object]:
        """Does by now what `sights` needs, one after the other, while others work."""
        return chain.from_iterable(part.results.look_ahead() for part in self._all)

    def sights(self, names: Iterable[str]) -> dict[str, Sight]:
        """Says by name which mistakes the cases of agreement would have caught."""
        names = list(names)
        sights: dict[str, Sight] = {}
        for part in self._all:
            sights |= part.results.sights(n for n in names if self._by_name[n] is part)
        return sights

    @property
    def large(self) -> int:
        """The number of large cases beside the others."""
        return max((part.search.large for part in self._all), default=0)

    def untried(self) -> dict[str, int]:
        """Returns, by name, how many cases of the first round were never tried."""
        counts = {name: self._untried(name, *self._by_name[name]) for name in self._usable}
        return {name: count for name, count in counts.items() if count > 0}

    @staticmethod
    def _untried(name: str, search: Search, results: Results) -> int:
        return search.first_count(name) - results.summaries[name].counts.total()

    @property
    def _all(self) -> Iterator[Part]:
        yield from self._parts.values()


def within(cell: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a run's limits for the rows of a cell; "" stands for rows without one."""
    return {**values, "cell": cell} if cell else dict(values)


def drawable(cell: str, values: Mapping[str, Any]) -> bool:
    """Tells whether these limits leave cases of the cell, where they do not name cells."""
    try:
        limits(**within(cell, values))
    except LimitError:
        return False
    return "cell" not in values
