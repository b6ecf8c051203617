"""What the committed shards add up to, in their order: the part of a report that is the same for every run of a plan."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from harness.campaign.coverage import possible
from harness.campaign.executors import Stopped, tried
from harness.campaign.investigate import diagnosed, made_small, seen, told
from harness.campaign.journal import Journal
from harness.campaign.shard import case_of
from harness.campaign.tally import OUTPUTS, Tally
from harness.runs.process import Ended
from harness.runs.resolve import group_of

Ask = Callable[..., Any]  # (group, bounds, function, *arguments): see harness.campaign.isolated
UNKNOWN = 20  # failures of one implementation that match no known mistake: after so many no others are looked for, which takes seconds
OWN = 600.0, 1 << 20  # bounds of a process in which no implementation is called
NONE: dict[str, Any] = {"names": [], "sentence": ""}
UNSEEN = {
    "names": [],
    "sentence": "Not looked into as yet: `rnn-parity campaign resume` does it at the end.",
}


def totals(journal: Journal) -> dict[str, Any]:
    """Shards; by implementation the sums, and coverage with its growth as pairs of cases and pairs met."""
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
    pairs = possible(journal.plan.allowed())
    coverage = {
        name: {
            "judged": judged[name].bit_count(),
            "refused": (refused[name] & ~judged[name]).bit_count(),
            "pairs": len(pairs),
            "growth": growth[name],
        }
        for name in tallies
    }
    return {"shards": shards, "implementations": tallies, "coverage": coverage}


def findings(
    journal: Journal, tallies: Mapping[str, Tally], ask: Ask | None = None
) -> list[dict[str, Any]]:
    """Failures grouped by what they are. With `ask`, which calls in a worker, each is looked into, once."""
    found: list[dict[str, Any]] = []
    for name, tally in tallies.items():
        own: list[dict[str, Any]] = []
        suspected: dict[str, None] = {}  # mistakes, in order
        unknown = 0
        for failure in sorted(tally.failures, key=lambda item: (item["at"]["case"], item["group"])):
            kind, what, place, *_ = failure["group"]
            diagnosis = (
                _diagnosis(journal, name, failure, list(suspected), unknown, ask)
                if what == OUTPUTS
                else NONE
            )
            suspected |= dict.fromkeys(
                mistake for names in diagnosis["names"] for mistake in names.split(" + ")
            )
            unknown += what == OUTPUTS and not diagnosis["names"]
            new = {
                "implementation": name,
                "kind": kind,
                "what": what,
                "place": place,
                "diagnosis": diagnosis,
            }
            same = next((other for other in own if _same(other, new)), None)
            if same is None:
                own.append(
                    new | {key: failure[key] for key in ("at", "count", "reason", "where", "ended")}
                )
                continue
            same["count"] += failure["count"]
            common = [
                mistake for mistake in same["diagnosis"]["names"] if mistake in diagnosis["names"]
            ]
            if common and len(common) < len(same["diagnosis"]["names"]):  # the later one tells more
                same["diagnosis"] = {**diagnosis, "names": common}
        found += own
    for finding in found:
        finding["smallest"] = _smallest(journal, finding, ask)
    return found


def look(journal: Journal, ask: Ask) -> None:
    """Looks into failures, and into what cases could have shown; the journal keeps it. Raises Stopped."""
    tallies = totals(journal)["implementations"]
    sights(journal, tallies, ask)
    findings(journal, tallies, ask)


def sights(
    journal: Journal, tallies: Mapping[str, Tally], ask: Ask | None = None
) -> dict[str, dict[str, Any]]:
    """What the first cases on which it agreed could have shown, of each implementation that was judged on all."""
    found = {}
    for name, every in journal.plan.implementations.items():
        if every == 1 and tallies[name].agreed:
            key = json.dumps(["sight", tallies[name].agreed])
            seen_now = journal.investigation(key)
            if seen_now is None and ask:
                seen_now = ask("sight", OWN, seen, journal.plan, tallies[name].agreed)
                if isinstance(seen_now, Ended):  # no implementation is called there
                    raise Stopped(
                        f"what the cases could have shown could not be found out: the process {seen_now.how}; "
                        f"to try again: rnn-parity campaign resume {journal.shell_name}"
                    )
                journal.set_investigation(key, seen_now)
            if seen_now and seen_now["applicable"]:
                found[name] = seen_now
    return found


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """A mistake that both look like explains every place; where none is named, failures at different places may be different ones."""
    if any(one[key] != other[key] for key in ("kind", "what")):
        return False
    names = one["diagnosis"]["names"], other["diagnosis"]["names"]
    return (
        bool(set(names[0]) & set(names[1]))
        if all(names)
        else not any(names) and one["place"] == other["place"]
    )


def _diagnosis(
    journal: Journal,
    name: str,
    failure: Mapping[str, Any],
    suspected: list[str],
    unknown: int,
    ask: Ask | None,
) -> dict[str, Any]:
    """What the failure looks like: like the mistakes that earlier ones look like, or others, unless so many are unknown already."""
    key = json.dumps(["diagnosis", name, failure["group"], failure["at"]])
    known = journal.investigation(key)
    if known is None and ask:
        if unknown < UNKNOWN:
            known = tried(
                ask,
                group_of(name),
                journal.plan.bounds,
                diagnosed,
                journal.plan,
                name,
                failure["at"],
                suspected,
            )
        else:
            known = {
                "names": [],
                "sentence": f"Not looked for: {unknown} others match no known mistake.",
            }
        if isinstance(known, Ended):
            known = {
                "names": [],
                "sentence": f"Not looked for: it {known.how} when it was called again.",
            }
        journal.set_investigation(key, known)
    return known or UNSEEN


def _smallest(
    journal: Journal, finding: Mapping[str, Any], ask: Ask | None
) -> dict[str, Any] | None:
    plan, name, at = journal.plan, finding["implementation"], finding["at"]
    key = json.dumps(["smallest", name, at, finding["kind"], finding["what"], finding["place"]])
    known = journal.investigation(key)
    if known is not None or ask is None:
        return known
    found = told(case_of(plan, at), name, finding["reason"], at["rebuild"])
    if not finding["ended"]:  # else a call would end the process again
        smaller = tried(
            ask,
            group_of(name),
            plan.bounds,
            made_small,
            plan,
            name,
            at,
            finding["diagnosis"]["names"],
        )
        found = found if isinstance(smaller, Ended) else smaller
    journal.set_investigation(key, found)
    return found
