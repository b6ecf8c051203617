"""Adds up one implementation's verdicts in a campaign: a Summary and what only campaigns count."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

from harness.campaign.steer import FEATURES, TINY
from harness.draw.features import features as features_of
from harness.judge.verdict import Verdict
from harness.runs.failures import ProcessEnded, subject
from harness.runs.ledger import Difference
from harness.runs.results import SIGHT_CASES
from harness.runs.summary import Summary, worse

HIGHEST = 10  # ratios of one shard from which steering learns
# The histogram of ratios has a bin for 0, one up to 2**-LOWEST, one for each power of two up to 1,
# and one for all above.
LOWEST = 24
KINDS_OF_FAILURE = 300  # of one implementation that are told apart; later ones are counted as MORE
MORE = "more kinds of failure"
# What a cause may depend on: failures that differ in one of these are investigated one by one.
CAUSES = ("nonlinearity", "dtype", "bidirectional", "bias", "go_backwards", "has_mask")
KIND = ("regime", "nonlinearity", "dtype")  # the features that tell where the worst ratio is
Table = dict[str, Any]


@dataclass
class Tally(Summary):
    """A Summary of a shard or of a campaign. Its JSON form is what the journal holds."""

    cases: int = 0
    deaths: int = 0  # processes that it ended
    left_out: int = 0  # cases, since it had ended too many processes
    worst_at: Table | None = None
    tiny_ratio: float = 0.0  # the highest on cases of tiny numbers, which `worst_ratio` leaves out
    histogram: list[int] = field(default_factory=lambda: [0] * (LOWEST + 3))
    failures: list[Table] = field(default_factory=list)  # by group, the first of each
    drawn: Counter[str] = field(default_factory=Counter)
    top: list[list[Any]] = field(default_factory=list)
    agreed: list[int] = field(default_factory=list)  # the first cases on which it agreed
    # Cases that agree where a known deviation of the user's predicts another verdict, by its id.
    against: Counter[str] = field(default_factory=Counter)

    def count(
        self,
        verdict: Verdict,
        at: Mapping[str, Any],
        features: Mapping[str, str] = MappingProxyType({}),
        own: Difference | None = None,
    ) -> None:
        """Counts one verdict on the case that `at` names; a drawn case has `features`.

        `own` is a known deviation of the user's that it meets.
        """
        self.cases += 1
        values = [features[feature] for feature in FEATURES] if features else []
        self.drawn.update(map(" ".join, zip(FEATURES, values, strict=False)))
        worst_ratio, ratio = self.worst_ratio, verdict.worst_ratio
        failure = self.add(verdict, own)
        if verdict.is_failure and not failure:
            return  # a known difference
        in_stream = at["case"] >= 0 and not at["part"]
        if verdict.kind == "agrees" and in_stream and not verdict.sample:
            self.agreed = [*self.agreed, at["case"]][:SIGHT_CASES]
        if verdict.worst:
            self.histogram[bin_of(ratio)] += 1
        if failure:
            self.deaths += isinstance(verdict.cause, ProcessEnded)
            self._fail(_failure(verdict, at))
        elif features.get("regime") == TINY:
            self.worst_ratio, self.tiny_ratio = worst_ratio, max(self.tiny_ratio, ratio)
        elif values and ratio > 0:
            self.top = sorted([*self.top, [ratio, values]], reverse=True)[:HIGHEST]
        if worse(self.worst_ratio, worst_ratio):
            kind = " ".join(features[name] for name in KIND) if features else ""
            self.worst_at = {**at, "kind": kind, "place": str(verdict.worst)}

    def merge(self, other: Self) -> None:
        """Adds the sums of a later shard; `drawn` and `top` stay those of one shard."""
        if worse(other.worst_ratio, self.worst_ratio):
            self.worst_at = other.worst_at
        super().merge(other)
        self.cases += other.cases
        self.deaths += other.deaths
        self.left_out += other.left_out
        self.tiny_ratio = max(self.tiny_ratio, other.tiny_ratio)
        pairs = zip(self.histogram, other.histogram, strict=True)
        self.histogram = [one + another for one, another in pairs]
        self.agreed = sorted([*self.agreed, *other.agreed])[:SIGHT_CASES]
        self.against.update(other.against)
        for failure in other.failures:
            self._fail(dict(failure))

    @classmethod
    def from_json(cls, name: str, table: Mapping[str, Any]) -> Self:
        """Builds a tally from the table of `to_json`; one of 0.1.0 has no `against`."""
        return super().from_json(name, {"against": {}, **table})

    def _fail(self, new: Table) -> None:
        """Counts a failure with those of its group, of which it keeps the earliest."""
        same = self._group(new)
        if same is None and len(self.failures) >= KINDS_OF_FAILURE:
            new["group"] = [new["group"][0], MORE, ""]
            same = self._group(new)
        if same is None:
            self.failures.append(new)
            return
        count = same["count"] + new["count"]
        if new["at"]["case"] < same["at"]["case"]:
            same.update(new)
        same["count"] = count

    def _group(self, new: Table) -> Table | None:
        return next((one for one in self.failures if one["group"] == new["group"]), None)


def bin_of(ratio: float) -> int:
    """Returns the histogram's bin: 0 for 0, the last for what is above 1 or no number."""
    if ratio == 0:
        return 0
    if not ratio <= 1:
        return LOWEST + 2
    return max(1, LOWEST + 1 + math.ceil(math.log2(ratio)))


def _failure(verdict: Verdict, at: Mapping[str, Any]) -> Table:
    """Makes the journal's record of a failure; failures of one group are counted together."""
    group: list[Any] = [verdict.kind, subject(verdict), ""]
    if place := verdict.first:
        group[2] = f"layer {place.layer}, direction {place.direction}"
        values = features_of(verdict.case)
        group += [values[name] for name in CAUSES]
    return {
        "group": group,
        "count": 1,
        "at": dict(at),
        "reason": verdict.reason,
        "where": str(place or ""),
        "deviation": verdict.deviation if verdict.wrong else None,
        "crash": list(verdict.crash or ()),
        "ended": isinstance(verdict.cause, ProcessEnded),
    }
