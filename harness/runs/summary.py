"""Adds verdicts up: the one place that counts them, for `verify`, for campaigns and for tests."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from harness.judge.verdict import Verdict
from harness.runs.ledger import Difference, known_difference

REASONS = 50  # for refusing that are counted apart; later ones, in the order of letters, together
OTHERS = "other reasons"
NOT_IN_JSON = ("name", "blind", "thin", "takes_answer")
# Fields that journals of 0.1.0 lack.
LATER: Mapping[str, Any] = {
    "wider": 0, "by_last_outputs": 0, "by_sample": 0, "reach": {}, "large": {}, "cells": {},
}  # fmt: skip


def worse(ratio: float, other: float) -> bool:
    """Tells whether a ratio is higher than the other, or NaN, which is the worst."""
    return not math.isnan(other) and not ratio <= other


@dataclass
class Summary:
    """Counts one implementation's verdicts: the same sums in whatever order they come."""

    name: str
    # By verdict kind, and "known" for what meets a known difference.
    counts: Counter[str] = field(default_factory=Counter)
    outputs: int = 0  # known differences left out, here and below
    exact: int = 0
    undecided: int = 0
    wider: int = 0  # verdicts that agree on outputs in a wider dtype than the case's
    by_last_outputs: int = 0  # verdicts on what gives its last output alone
    by_sample: int = 0  # of these, those by a sample of a long case's lengths
    worst_ratio: float = 0.0
    refusals: Counter[str] = field(default_factory=Counter)  # by reason
    # Verdicts that meet a known difference, by its id.
    known: Counter[str] = field(default_factory=Counter)
    # The greatest sizes of the cases on which it agreed, by name; of large ones, beyond each wall.
    reach: Counter[str] = field(default_factory=Counter)
    large: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)  # cases on which it agreed, by cell
    takes_answer: bool = False  # in a run that asks for independence, it imports the answer
    blind: bool = False  # the cases that agreed could have hidden a plain mistake
    thin: bool = False  # too few cases were judged, or none of some kind: see `coverage`

    def add(self, verdict: Verdict, own: Difference | None = None) -> bool:
        """Counts the verdict; returns whether it is a failure that no known difference explains.

        `own` is a known deviation of the user's that it meets.
        """
        entry = own or known_difference(verdict)
        self.counts["known" if entry else verdict.kind] += 1
        if entry:
            self.known[entry.id] += 1
            return False
        self.outputs += verdict.outputs
        self.exact += verdict.exact
        self.undecided += verdict.undecided
        self.wider += verdict.wider and verdict.kind == "agrees"
        self.by_last_outputs += verdict.by_last_outputs
        self.by_sample += bool(verdict.sample)
        if worse(verdict.worst_ratio, self.worst_ratio):
            self.worst_ratio = verdict.worst_ratio
        if verdict.kind == "refused":
            self._refuse({verdict.reason: 1})
        return verdict.is_failure

    def reaches(self, cell: str, sizes: Counter[str], wall: str = "") -> None:
        """Notes cell and sizes of a case on which it agreed; a large one crosses a wall."""
        self.cells[cell] += 1
        if wall:
            self.large |= Counter({wall: sizes[wall]})
        else:
            self.reach |= sizes

    def merge(self, other: Self) -> None:
        """Adds the sums of other verdicts on the same implementation."""
        self.counts.update(other.counts)
        self.known.update(other.known)
        self.outputs += other.outputs
        self.exact += other.exact
        self.undecided += other.undecided
        self.wider += other.wider
        self.by_last_outputs += other.by_last_outputs
        self.by_sample += other.by_sample
        self.reach |= other.reach
        self.large |= other.large
        self.cells.update(other.cells)
        if worse(other.worst_ratio, self.worst_ratio):
            self.worst_ratio = other.worst_ratio
        self._refuse(other.refusals)
        self.blind |= other.blind
        self.thin |= other.thin

    def to_json(self) -> dict[str, Any]:
        """Returns every sum by its name, as a table for JSON; without name, `blind`, `thin`."""
        table = {name: value for name, value in vars(self).items() if name not in NOT_IN_JSON}
        return {k: dict(v) if isinstance(v, Counter) else v for k, v in table.items()}

    @classmethod
    def from_json(cls, name: str, table: Mapping[str, Any]) -> Self:
        """Builds a summary from the table of `to_json`, which may hold more. Raises KeyError."""
        summary, table = cls(name), {**LATER, **table}
        for key in summary.to_json():
            counter = isinstance(getattr(summary, key), Counter)
            setattr(summary, key, Counter(table[key]) if counter else table[key])
        return summary

    @property
    def failure_count(self) -> int:
        """How many cases differ or crashed, known differences left out."""
        return self.counts["differs"] + self.counts["crashed"]

    @property
    def exit_status(self) -> int:
        """1: something differs or crashes; 3: nothing agrees, or the cases prove little; else 0."""
        if self.failure_count or self.takes_answer:
            return 1
        return 3 if self.blind or self.thin or not self.counts["agrees"] else 0

    def _refuse(self, reasons: Mapping[str, int]) -> None:
        """Counts reasons; a reason beyond REASONS can never come back, whatever the order."""
        self.refusals.update(reasons)
        if len(self.refusals) > REASONS:
            own = sorted(reason for reason in self.refusals if reason != OTHERS)
            for reason in own[REASONS:]:
                self.refusals[OTHERS] += self.refusals.pop(reason)
