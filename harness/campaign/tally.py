"""One implementation's verdicts added up as a table that JSON has, and tables added up."""

import math
import re
import traceback
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from harness.campaign.steer import FEATURES, TINY
from harness.draw.features import features
from harness.judge.observe import text_of
from harness.judge.verdict import Verdict
from harness.runs.findings import ProcessEnded
from harness.runs.ledger import known
from harness.runs.results import SEEN
from harness.runs.summary import worse

KEPT = 10  # highest ratios in one shard
LOWEST = 24  # the histogram of ratios: one bin for 0, one up to 2**-LOWEST, one for each power of two up to 1, one for all above
REASONS = 50  # for refusing, of one implementation, that are told apart
KINDS_OF_FAILURE = (
    300  # of one implementation that are told apart; what comes later is counted as MORE
)
# What a cause may depend on: failures that differ in one of these are looked into one by one.
CAUSES = ("nonlinearity", "dtype", "bidirectional", "bias", "go_backwards", "has_mask")
OUTPUTS = "outputs"  # of a failure: they differ
MORE = "more kinds of failure"
Table = dict[str, Any]
SUMS = ("cases", "outputs", "exact", "undecided", "deaths", "left_out")


def empty() -> Table:
    """Nothing as yet."""
    counts: Table = dict.fromkeys(SUMS, 0) | {
        "worst_ratio": 0.0,
        "worst_at": None,
        "tiny_ratio": 0.0,
        "histogram": [0] * (LOWEST + 3),
    }
    return counts | {
        "counts": {},
        "refusals": {},
        "known": {},
        "failures": [],
        "drawn": {},
        "top": [],
        "agreed": [],
    }


def add(
    table: Table,
    verdict: Verdict,
    at: Mapping[str, Any],
    found: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Counts one verdict on the case that `at` tells; `found` are its features, where it was drawn."""
    kind = (
        " ".join(found[feature] for feature in ("regime", "nonlinearity", "dtype")) if found else ""
    )
    failed = verdict.kind in ("differs", "crashed")
    entry = known(verdict) if failed else None
    _count(table["counts"], "known" if entry else verdict.kind)
    tiny = found.get("regime") == TINY
    table["cases"] += 1
    for feature in FEATURES if found else ():
        _count(table["drawn"], f"{feature} {found[feature]}")
    if entry:
        _count(table["known"], entry.id)
        return
    for name in ("outputs", "exact", "undecided"):
        table[name] += getattr(verdict, name)
    if verdict.kind == "refused":
        _refused(table["refusals"], verdict.reason, 1)
    if (
        verdict.kind == "agrees"
        and not at["part"]
        and len(table["agreed"]) < SEEN
        and at["case"] >= 0
    ):
        table["agreed"].append(at["case"])
    if found and not failed and not tiny and verdict.worst_ratio > 0:
        table["top"] = sorted(
            [*table["top"], [verdict.worst_ratio, [found[feature] for feature in FEATURES]]],
            reverse=True,
        )[:KEPT]
    if verdict.worst:
        table["histogram"][bin_of(verdict.worst_ratio)] += 1
        if not failed and tiny:
            table["tiny_ratio"] = max(table["tiny_ratio"], verdict.worst_ratio)
        elif worse(verdict.worst_ratio, table["worst_ratio"]):
            table["worst_ratio"], table["worst_at"] = (
                verdict.worst_ratio,
                {**at, "kind": kind, "place": str(verdict.worst)},
            )
    if failed:
        table["deaths"] += isinstance(verdict.cause, ProcessEnded)
        _failed(table["failures"], _failure(verdict, at))


def merge(table: Table, other: Table) -> None:
    """Adds the `other` table, of a later shard."""
    for name in SUMS:
        table[name] += other[name]
    for name in ("counts", "known"):
        for key, count in other[name].items():
            _count(table[name], key, count)
    for reason, count in other["refusals"].items():
        _refused(table["refusals"], reason, count)
    table["histogram"] = [
        one + two for one, two in zip(table["histogram"], other["histogram"], strict=True)
    ]
    if worse(other["worst_ratio"], table["worst_ratio"]):
        table["worst_ratio"], table["worst_at"] = other["worst_ratio"], other["worst_at"]
    table["agreed"] = sorted([*table["agreed"], *other["agreed"]])[:SEEN]
    table["tiny_ratio"] = max(table["tiny_ratio"], other["tiny_ratio"])
    for failure in other["failures"]:
        _failed(table["failures"], dict(failure))


def bin_of(ratio: float) -> int:
    """The histogram's bin: 0 for 0, the last one for what is above 1 or no number."""
    if ratio == 0:
        return 0
    if not ratio <= 1:
        return LOWEST + 2
    return max(1, LOWEST + 1 + math.ceil(math.log2(ratio)))


def _failure(verdict: Verdict, at: Mapping[str, Any]) -> Table:
    """What is kept of it. Failures of one group are counted together."""
    place = (
        f"layer {verdict.first.layer}, direction {verdict.first.direction}" if verdict.first else ""
    )
    values = features(verdict.case)
    causes = [values[name] for name in CAUSES] if place else []
    return {
        "group": [verdict.kind, _what(verdict), place, *causes],
        "count": 1,
        "at": dict(at),
        "reason": verdict.reason,
        "where": str(verdict.first or ""),
        "ended": isinstance(verdict.cause, ProcessEnded),
    }


def _failed(failures: list[Table], new: Table) -> None:
    """Counted with those that look like it, of which the earliest is kept."""
    same = next((failure for failure in failures if failure["group"] == new["group"]), None)
    if same is None and len(failures) >= KINDS_OF_FAILURE:
        new["group"] = [new["group"][0], MORE, ""]
        same = next((failure for failure in failures if failure["group"] == new["group"]), None)
    if same is None:
        failures.append(new)
        return
    count = same["count"] + new["count"]
    if new["at"]["case"] < same["at"]["case"]:
        same.update(new)
    same["count"] = count


def _refused(refusals: dict[str, int], reason: str, count: int) -> None:
    _count(
        refusals,
        reason if reason in refusals or len(refusals) < REASONS else "other reasons",
        count,
    )


def _what(verdict: Verdict) -> str:
    """What failed, without what changes from case to case."""
    if verdict.first:
        return OUTPUTS
    if verdict.cause and not isinstance(verdict.cause, ProcessEnded):
        frames = traceback.extract_tb(verdict.cause.__traceback__)
        where = (
            f" in {frames[-1].name}, line {frames[-1].lineno}"
            if frames
            else f": {text_of(verdict.cause)}"
        )
        return f"raised {type(verdict.cause).__name__}{where}"[:200]
    return re.sub(r"-?\d+(\.\d+)?(e[-+]?\d+)?", "#", verdict.reason.partition(": ")[0])[:200]


def _count(counts: dict[str, int], key: str, count: int = 1) -> None:
    counts[key] = counts.get(key, 0) + count
