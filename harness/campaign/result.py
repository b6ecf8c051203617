"""Adds up the committed shards, in their order: the same for every run of a plan."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.campaign.coverage import possible
from harness.campaign.executors import Ask, Stopped
from harness.campaign.investigate import (
    diagnose_failure,
    measure_sight,
    record,
    shrink_failure,
)
from harness.campaign.journal import Journal
from harness.campaign.shard import case_of
from harness.campaign.tally import Tally
from harness.implementations.names import group_of, is_users
from harness.processes.process import Ended
from harness.runs.failures import OUTPUTS

# Failures of one implementation that match no known mistake: after so many no others are diagnosed,
# which takes seconds each.
UNKNOWN = 20
OWN = 600.0, 1 << 20  # bounds of a process in which no implementation is called
NONE: dict[str, Any] = {"names": [], "sentence": ""}
LATER = "Not investigated as yet: `rnn-parity campaign resume` does it at the end."


def totals(journal: Journal) -> dict[str, Any]:
    """Returns the number of shards; by implementation the sums, and coverage with its growth."""
    tallies = {name: Tally(name) for name in journal.plan.implementations}
    judged, refused = dict.fromkeys(tallies, 0), dict.fromkeys(tallies, 0)
    growth: dict[str, list[list[int]]] = {name: [] for name in tallies}
    shards = 0
    for row in journal.rows():
        shards += 1
        for name, table in row["tables"].items():
            tallies[name].merge(Tally.from_json(name, table))
            new, new_refused = (int(bits, 16) for bits in row["coverage"][name])
            if new & ~judged[name]:
                growth[name].append([tallies[name].cases, (judged[name] | new).bit_count()])
            judged[name], refused[name] = judged[name] | new, refused[name] | new_refused
    pairs = len(possible(journal.plan.allowed()))
    coverage = {
        name: {
            "judged": judged[name].bit_count(),
            "refused": (refused[name] & ~judged[name]).bit_count(),
            "pairs": pairs,
            "growth": growth[name],
        }
        for name in tallies
    }
    return {"shards": shards, "implementations": tallies, "coverage": coverage}


def investigate(journal: Journal, ask: Ask) -> None:
    """Diagnoses failures, measures what cases could show; the journal keeps it. Raises Stopped."""
    tallies = totals(journal)["implementations"]
    sights(journal, tallies, ask)
    findings(journal, tallies, ask)


def findings(
    journal: Journal, tallies: Mapping[str, Tally], ask: Ask | None = None
) -> list[dict[str, Any]]:
    """Groups failures by what they are. With `ask`, which calls a worker, diagnoses each, once."""
    results = []
    for name, tally in tallies.items():
        investigation = _Investigation(journal, name, ask)
        groups: list[dict[str, Any]] = []
        for failure in sorted(tally.failures, key=_first_case_and_group):
            _group(groups, investigation.finding(failure))
        for group in groups:
            group["smallest"] = investigation.smallest(group)
        results += groups
    return results


def _first_case_and_group(failure: Mapping[str, Any]) -> tuple[int, list[str]]:
    return failure["at"]["case"], [*map(str, failure["group"])]  # texts and truth values


def sights(
    journal: Journal, tallies: Mapping[str, Tally], ask: Ask | None = None
) -> dict[str, dict[str, Any]]:
    """Returns what the first cases on which each implementation agreed could show.

    Frameworks that are judged on a share of the cases are left out.
    """
    keys = {
        name: json.dumps(["sight", tallies[name].agreed])
        for name, every in journal.plan.implementations.items()
        if tallies[name].agreed and (every == 1 or is_users(name))
    }
    if ask:
        _measure_sights(journal, {keys[name]: tallies[name].agreed for name in keys}, ask)
    tables = {}
    for name, key in keys.items():
        table = journal.investigation(key)
        if table and table["applicable"]:
            if "unseen" in table:  # in a journal of 0.1.0
                table["missed"] = table.pop("unseen")
            tables[name] = table
    return tables


def _measure_sights(journal: Journal, cases: Mapping[str, list[int]], ask: Ask) -> None:
    """Has the journal keep what these cases, by its key, could show. Raises Stopped."""
    new = {key: at for key, at in cases.items() if journal.investigation(key) is None}
    answers = ask(("sight", OWN, measure_sight, journal.plan, at) for at in new.values())
    for key, table in zip(new, answers, strict=True):
        if isinstance(table, Ended):  # no implementation is called there
            raise Stopped(
                f"what the cases could show is not known: the process {table.how}; "
                f"to try again: rnn-parity campaign resume {journal.shell_name}"
            )
        journal.set_investigation(key, table)


def _group(groups: list[dict[str, Any]], new: dict[str, Any]) -> None:
    """Adds a finding to the one that it is the same as, or to the list."""
    same = next((group for group in groups if _same(group, new)), None)
    if same is None:
        groups.append(new)
        return
    same["count"] += new["count"]
    names = same["diagnosis"]["names"]
    common = [mistake for mistake in names if mistake in new["diagnosis"]["names"]]
    if common and len(common) < len(names):  # the later one rules some out
        same["diagnosis"] = {**new["diagnosis"], "names": common}


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tells whether two findings are one.

    A mistake that both look like explains every place; where none is named, failures at different
    places may be different ones.
    """
    if any(one[key] != other[key] for key in ("kind", "what")):
        return False
    names, others = set(one["diagnosis"]["names"]), set(other["diagnosis"]["names"])
    if names and others:
        return bool(names & others)
    return not names and not others and one["place"] == other["place"]


@dataclass
class _Investigation:
    """Asks about one implementation's failures, one after the other, and keeps the answers."""

    journal: Journal
    name: str
    ask: Ask | None

    def __post_init__(self) -> None:
        self.suspects: dict[str, None] = {}  # mistakes that earlier failures look like, in order
        self.unknown = 0

    def finding(self, failure: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the failure with its diagnosis, if it is one of outputs."""
        kind, subject, place, *_ = failure["group"]
        diagnosis = self._diagnosis(failure) if subject == OUTPUTS else NONE
        for names in diagnosis["names"]:
            self.suspects |= dict.fromkeys(names.split(" + "))
        self.unknown += subject == OUTPUTS and not diagnosis["names"]
        return {
            "implementation": self.name,
            "kind": kind,
            "what": subject,
            "place": place,
            "diagnosis": diagnosis,
            "crash": failure.get("crash", []),  # not in a journal of 0.1.0
            "deviation": failure.get("deviation"),  # the same
            **{key: failure[key] for key in ("at", "count", "reason", "where", "ended")},
        }

    def _diagnosis(self, failure: Mapping[str, Any]) -> dict[str, Any]:
        key = json.dumps(["diagnosis", self.name, failure["group"], failure["at"]])
        answer: Any = self.journal.investigation(key)
        if answer is not None:
            return dict(answer)
        if self.ask is None:
            return {"names": [], "sentence": LATER}
        if self.unknown < UNKNOWN:
            answer = self._call(diagnose_failure, failure["at"], list(self.suspects))
            why = f"it {answer.how} when it was called again" if isinstance(answer, Ended) else ""
        else:
            why = f"{self.unknown} others match no known mistake"
        if why:
            answer = {"names": [], "sentence": f"Not looked for: {why}."}
        self.journal.set_investigation(key, answer)
        return dict(answer)

    def smallest(self, finding: Mapping[str, Any]) -> dict[str, Any] | None:
        """Returns the smallest case for a finding; None where it is unknown and not to be asked."""
        at, names = finding["at"], finding["diagnosis"]["names"]
        place = [finding[key] for key in ("kind", "what", "place")]
        key = json.dumps(["smallest", self.name, at, *place])
        earlier = self.journal.investigation(key)
        if earlier is not None or self.ask is None:
            return earlier
        answer: Any = Ended("ended its process before", None)  # a call would end the process again
        if not finding["ended"]:
            answer = self._call(shrink_failure, at, names)
        if isinstance(answer, Ended):
            case = case_of(self.journal.plan, at)
            answer = record(case, self.name, finding["reason"], at["rebuild"])
        self.journal.set_investigation(key, answer)
        return dict(answer)

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        assert self.ask is not None
        plan, group = self.journal.plan, group_of(self.name)
        return self.ask([(group, plan.bounds, function, plan, self.name, *arguments)])[0]
