"""What one implementation's verdicts add up to, in whatever order they come."""

import math
from collections import Counter
from dataclasses import dataclass, field

from harness.judge.verdict import Verdict
from harness.runs.ledger import known


def worse(ratio: float, other: float) -> bool:
    """Whether it is higher, or NaN, which is the worst."""
    return not math.isnan(other) and not ratio <= other


@dataclass
class Summary:
    """One implementation's verdicts, added up."""

    name: str
    counts: Counter[str] = field(
        default_factory=Counter
    )  # by verdict kind, and "known" for what meets a known difference
    outputs: int = 0  # known differences left out, here and below
    exact: int = 0
    undecided: int = 0
    worst_ratio: float = 0.0
    refusals: Counter[str] = field(default_factory=Counter)  # by reason
    known: Counter[str] = field(
        default_factory=Counter
    )  # verdicts that meet a known difference, by its id
    blind: bool = False  # whether the cases that agreed could have hidden a plain mistake

    def add(self, verdict: Verdict) -> bool:
        """Counts the verdict; whether it is a failure that no known difference explains."""
        failed = verdict.kind in ("differs", "crashed")
        entry = known(verdict) if failed else None
        self.counts["known" if entry else verdict.kind] += 1
        if entry:
            self.known[entry.id] += 1
            return False
        self.outputs += verdict.outputs
        self.exact += verdict.exact
        self.undecided += verdict.undecided
        if worse(verdict.worst_ratio, self.worst_ratio):
            self.worst_ratio = verdict.worst_ratio
        if verdict.kind == "refused":
            self.refusals[verdict.reason] += 1
        return failed

    @property
    def failures(self) -> int:
        """How many cases differ or crashed, known differences left out."""
        return self.counts["differs"] + self.counts["crashed"]

    @property
    def exit_status(self) -> int:
        """1 where something differs or crashed, 3 where it never agreed or the cases could not see, else 0."""
        return 1 if self.failures else 3 if self.blind or not self.counts["agrees"] else 0
