"""Adds rows up and keeps the verdicts that a report holds, in bounded memory.

The result does not depend on the order in which the rows come.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from harness.draw.generate import cases_at
from harness.draw.large import LARGE
from harness.draw.limits import Limits
from harness.judge.calls.second_calls import Change
from harness.judge.lengths import judged_steps
from harness.judge.verdict import Verdict
from harness.mistakes.sight import Cache, Sight, sight
from harness.runs.batches import Row
from harness.runs.deviations import Deviation, deviation_of
from harness.runs.failures import kind_of
from harness.runs.reach import reach_at
from harness.runs.summary import Summary
from references.case import Case

# A report holds every verdict on the first CASES cases of the run and on the large ones, and of
# each implementation's later verdicts the first FAILURES that neither agree nor refuse. Its sight
# is that of the first SIGHT_CASES cases on which an implementation agreed, and of the large ones.
CASES = 1000
FAILURES = 100
SIGHT_CASES = 200
KINDS = 20  # of failure that are told apart; later ones, in the order of letters, are OTHERS
OTHERS = ("other kinds", "")


class Agreement(NamedTuple):
    """Holds a case on which an implementation agreed, by its number in the stream."""

    at: int
    again: Change | None  # what was different in a second call
    by_sample: bool  # it was judged by a sample of its lengths


@dataclass
class Failures:
    """Counts failures of one kind, and keeps the first rows."""

    count: int = 0
    rows: list[Row] = field(default_factory=list)

    def verdicts(self) -> list[Verdict]:
        """Returns the first of them, in the order of cases."""
        return [row.verdict for row in sorted(self.rows, key=_index)[:FAILURES]]


class Results:
    """Collects rows as they come in; a case that a row left out is drawn again when needed."""

    def __init__(
        self,
        names: Sequence[str],
        seed: int,
        limits: Limits,
        deviations: Sequence[Deviation] = (),
        own: Mapping[str, Limits] | None = None,
    ) -> None:
        self.summaries = {name: Summary(name) for name in names}
        self._order = {name: position for position, name in enumerate(names)}
        self._seed, self._limits = seed, limits
        self._own = own or {}  # of functions by name, which may be narrower than those of the run
        self._deviations = deviations  # of the user's, which are counted here
        self._first: list[Row] = []
        self._later: dict[str, list[Row]] = {name: [] for name in names}
        self._failures: dict[str, dict[Any, Failures]] = {name: {} for name in names}
        self._agreements: dict[str, list[Agreement]] = {name: [] for name in names}
        self._large: dict[str, list[Agreement]] = {name: [] for name in names}
        self._cases: dict[tuple[int, bool], Case] = {}  # of the sights, by number and sample
        self._known = Cache({}, {})  # of these cases
        self._reach = lru_cache(1 << 14)(lambda index: reach_at(index, seed, limits))

    def add(self, row: Row) -> None:
        """Counts one verdict, and keeps it if a report holds it."""
        index, verdict, again = row.at, row.verdict, row.again
        name = verdict.implementation
        if self.summaries[name].add(verdict, deviation_of(verdict, self._deviations)):
            _add_failure(self._failures[name], row)
        if verdict.kind == "agrees":
            self._try_deviations(name, index)
            self.summaries[name].reaches(*self._reach(index))
            agreement = Agreement(index, again, bool(verdict.sample))
            if index < LARGE:
                _add(self._agreements[name], agreement, SIGHT_CASES)
            else:
                self._large[name].append(agreement)
        if index < CASES or index >= LARGE:
            self._first.append(row)
        elif verdict.kind not in ("agrees", "refused"):
            _add(self._later[name], row, FAILURES)

    def _try_deviations(self, name: str, index: int) -> None:
        """Counts an agreement where a known deviation predicts another verdict."""
        if own := [one for one in self._deviations if one.concerns(name)]:
            (case,) = cases_at((index,), self._seed, self._limits)
            for deviation in own:
                deviation.try_on(name, case)

    def verdicts(self) -> tuple[Verdict, ...]:
        """Returns the verdicts with their cases, in the order of cases, then implementations."""
        later = (sorted(rows, key=_index)[:FAILURES] for rows in self._later.values())
        rows = [*self._first, *chain.from_iterable(later)]
        rows.sort(key=lambda row: (_index(row), self._order[row.verdict.implementation]))
        indices = sorted({_index(row) for row in rows})
        cases = dict(zip(indices, cases_at(indices, self._seed, self._limits), strict=True))
        return tuple(
            replace(row.verdict, case=row.verdict.case or cases[_index(row)]) for row in rows
        )

    def failures(self, name: str) -> list[Failures]:
        """Returns the failures that no known difference explains, the most frequent kind first."""
        kinds = self._failures[name].values()
        return sorted(kinds, key=lambda kind: (-kind.count, min(map(_index, kind.rows))))

    def look_ahead(self) -> Iterator[object]:
        """Judges by now what the sights need of the cases so far, one after the other."""
        return self._sights(name for name, failures in self._failures.items() if not failures)

    def sights(self, names: Iterable[str]) -> dict[str, Sight]:
        """Says which mistakes the cases on which each implementation agreed would have caught."""
        return dict(self._sights(names))

    def _sights(self, names: Iterable[str]) -> Iterator[tuple[str, Sight]]:
        calls = {name: {one.at: one for one in self._calls(name)} for name in names}
        common = set().union(*calls.values()).intersection(*calls.values())
        for name, places in calls.items():
            # What all agreed on comes first: a mistake is judged on it once.
            order = sorted(places, key=lambda index: (index not in common, index))
            again = [places[index].again for index in order]
            judged = self._judged([places[index] for index in order])
            limits = [self._limits, self._own.get(name, self._limits)]
            yield name, sight(judged, again=again, cache=self._known, limits=limits)

    def _judged(self, agreements: Sequence[Agreement]) -> list[Case]:
        """Returns what was judged of these cases: the same objects each time, as a cache needs."""
        places = [(one.at, one.by_sample) for one in agreements]
        new = sorted(set(places) - self._cases.keys())
        cases = cases_at([index for index, _ in new], self._seed, self._limits)
        for place, case in zip(new, cases, strict=True):
            self._cases[place] = judged_steps(case, place[1])
        return [self._cases[place] for place in places]

    def _calls(self, name: str) -> list[Agreement]:
        """Returns the cases of its sight."""
        first = sorted(self._agreements[name], key=_index)[:SIGHT_CASES]
        return [*first, *sorted(self._large[name], key=_index)]


def _add_failure(kinds: dict[Any, Failures], row: Row) -> None:
    """Adds a failure to its kind; the last kinds, in the order of letters, are added up.

    Such a kind never comes back, so that the order of the rows decides nothing.
    """
    kind = kinds.setdefault(kind_of(row.verdict), Failures())
    kind.count += 1
    _add(kind.rows, row, FAILURES)
    own = sorted(kinds.keys() - {OTHERS})
    for name in own[KINDS:]:
        extra, others = kinds.pop(name), kinds.setdefault(OTHERS, Failures())
        others.count += extra.count
        for item in extra.rows:
            _add(others.rows, item, FAILURES)


def _index(item: tuple[Any, ...]) -> int:
    index: int = item[0]
    return index


def _add(items: list[Any], item: tuple[Any, ...], count: int) -> None:
    """Adds to a list of which the first `count` are needed, and drops the others now and then."""
    items.append(item)
    if len(items) > 4 * count:
        items.sort(key=_index)
        del items[count:]
