"""Looks into failures, in a worker process: what they look like, and the smallest case that still shows it."""

import base64
import time
from collections.abc import Collection, Iterable, Mapping
from statistics import median
from typing import Any

from harness.campaign.plan import Plan
from harness.campaign.shard import case_of
from harness.campaign.side_effects import watch
from harness.campaign.versions import versions
from harness.draw.generate import cases_at, sample_cases
from harness.draw.saved import case_bytes
from harness.draw.snippet import snippet
from harness.judge.judge import judge
from harness.judge.observe import Implementation
from harness.mistakes.diagnosis import Diagnosis, diagnose
from harness.mistakes.sight import sight
from harness.runs.environment import environment
from harness.runs.findings import smallest
from harness.runs.resolve import expanded
from harness.runs.worker import here_is, implementation_of, limits_of
from references.case import Case

SAMPLE = 5  # cases


def described(names: Iterable[str]) -> dict[str, Any]:
    """The names, `torch/all` written out; the limits of a notebook's function; versions and environment. Raises NotFound, NotInstalled."""
    versions()  # before any code of the user's
    whole = expanded(names)
    limits = [dict(limits_of(name)) for name in whole]
    same = limits[0] if all(own == limits[0] for own in limits) else {}
    return {
        "names": whole,
        "limits": same,
        "versions": versions(whole),
        "environment": environment(whole),
    }


def paced(name: str, limits: Mapping[str, Any]) -> float:
    """Seconds for a verdict, the median of a few."""
    implementation = _timed(name)
    took = []
    for case in sample_cases(SAMPLE, **limits):
        start = time.monotonic()
        judge(case, implementation, name)
        took.append(time.monotonic() - start)
    return median(took)


def diagnosed(
    plan: Plan, name: str, at: Mapping[str, Any], suspected: Collection[str]
) -> dict[str, Any]:
    """The diagnosis of the failure on the case that `at` tells."""
    found = diagnose(case_of(plan, at), _timed(name), suspected)
    return {"names": list(found.names), "sentence": found.sentence}


def made_small(
    plan: Plan, name: str, at: Mapping[str, Any], names: Iterable[str]
) -> dict[str, Any]:
    """The smallest case found for a failure that looks like the mistakes of these names."""
    implementation = _timed(name)
    first = judge(case_of(plan, at), implementation, name)
    if first.kind in ("differs", "crashed"):  # it fails this time too
        first = smallest(first, implementation, Diagnosis(tuple(names), ""))
    return told(first.case, name, first.reason, at["rebuild"])


def _timed(name: str) -> Implementation:
    """The implementation, with word left of each call, so that the limit for one verdict holds."""
    implementation = watch(implementation_of(name))

    def run(case: Case) -> Any:
        here_is(0, 0)
        return implementation(case)

    return run


def seen(plan: Plan, indices: Iterable[int]) -> dict[str, Any]:
    """What these cases could have shown."""
    found = sight(cases_at(indices, plan.seed, plan.allowed()))
    counts = {
        "caught": len(found.caught),
        "applicable": found.applicable,
        "median_cases": found.median,
        "blind": found.blind,
    }
    return {**counts, "unseen": found.missed, "sentence": str(found)}


def told(case: Case, name: str, reason: str, found: str) -> dict[str, Any]:
    """A case as it is shown, and saved in base64; `found` says how the one that it comes from is built."""
    facts = {"implementation": name, "reason": reason, "found": found}
    return {
        "case": repr(case),
        "snippet": snippet(case),
        "saved": base64.b64encode(case_bytes(case, facts)).decode(),
    }
