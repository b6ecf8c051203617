"""Rows added up and the verdicts that a report keeps: the same in whatever order they come, in bounded memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from harness.draw.generate import cases_at
from harness.draw.limits import Limits
from harness.judge.verdict import Verdict
from harness.mistakes.sight import Sight, sight
from harness.runs.batches import Row
from harness.runs.summary import Summary
from references.case import Case

KEPT = 1000  # a report holds every verdict on so many cases, the first ones
SEEN = 200  # sight is that of so many cases on which an implementation agreed, the first ones
FAILURES = 100  # and of each implementation's later ones so many that are no agreement, the first ones; all are counted


class Collected:
    """Rows as they come in. Cases that were left out of rows are drawn again when they are asked for."""

    def __init__(self, names: Sequence[str], seed: int, limits: Limits) -> None:
        self.summaries = {name: Summary(name) for name in names}
        self._order = {name: position for position, name in enumerate(names)}
        self._seed, self._limits = seed, limits
        self._first: list[Row] = []
        self._later: dict[str, list[Row]] = {name: [] for name in names}
        self._failed: dict[str, list[Row]] = {name: [] for name in names}
        self._agreed: dict[str, list[int]] = {name: [] for name in names}

    def add(self, row: Row) -> None:
        """Counts one verdict, and keeps it if it is among those to keep."""
        index, verdict = row
        name = verdict.implementation
        if self.summaries[name].add(verdict):
            _keep(self._failed[name], [row], FAILURES)
        if verdict.kind == "agrees":
            _keep(self._agreed[name], [index], SEEN)
        if index < KEPT:
            self._first.append(row)
        elif verdict.kind not in ("agrees", "refused"):
            _keep(self._later[name], [row], FAILURES)

    def verdicts(self) -> tuple[Verdict, ...]:
        """Those kept, with their cases, in the order of cases, then implementations."""
        rows = [
            *self._first,
            *(row for rows in self._later.values() for row in sorted(rows, key=_index)[:FAILURES]),
        ]
        rows.sort(key=lambda row: (row.at, self._order[row.verdict.implementation]))
        drawn: dict[int, Case] = {}
        for index, _ in rows:
            if index not in drawn:
                drawn[index] = self._case(index)
        return tuple(replace(verdict, case=verdict.case or drawn[index]) for index, verdict in rows)

    def failures(self, name: str) -> list[Verdict]:
        """The first failures that no known difference explains."""
        return [verdict for _, verdict in sorted(self._failed[name], key=_index)[:FAILURES]]

    def sights(self, names: Iterable[str]) -> dict[str, Sight]:
        """What the cases on which each of these implementations agreed could have seen; told once for equal cases."""
        told: dict[tuple[int, ...], Sight] = {}
        found = {}
        for name in names:
            indices = tuple(sorted(self._agreed[name])[:SEEN])
            if indices not in told:
                told[indices] = sight(cases_at(indices, self._seed, self._limits))
            found[name] = told[indices]
        return found

    def _case(self, index: int) -> Case:
        return next(cases_at([index], self._seed, self._limits))


def _index(row: Row) -> int:
    return row.at


def _keep(kept: list[Any], new: list[Any], count: int) -> None:
    """Adds to a list of which the first `count` are wanted, and drops the others now and then."""
    kept += new
    if len(kept) > 4 * count:
        kept.sort(key=lambda item: item.at if isinstance(item, Row) else item)
        del kept[count:]
