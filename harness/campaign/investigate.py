"""Describes, times and diagnoses implementations for a campaign, in a worker process."""

import base64
import time
from collections.abc import Collection, Iterable, Mapping
from statistics import median
from typing import Any

from harness.campaign.plan import Plan
from harness.campaign.shard import case_of, under_watch
from harness.campaign.versions import versions
from harness.draw.generate import cases_at, sample_cases
from harness.draw.limits import limits as check_limits
from harness.draw.saved import case_bytes
from harness.draw.snippet import snippet
from harness.implementations.names import expanded
from harness.judge.calls.observe import Implementation
from harness.judge.judge import judge
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.sight import sight
from harness.report.as_json import place_table, sight_table
from harness.runs.environment import environment
from harness.runs.findings import is_stateful, smallest
from harness.runs.worker import limits_of, timed
from references.case import Case

SAMPLE = 5  # cases


def describe(names: Iterable[str]) -> dict[str, Any]:
    """Returns names, with `torch/all` written out, the functions' own limits, and the environment.

    Raises NotFound, NotInstalled, or Unusable for limits of a function's own that cannot be.
    """
    versions()  # before any code of the user's
    whole = expanded(names)
    return {
        "names": whole,
        "limits": {name: limits_of(name, at) for at, name in enumerate(whole)},
        "versions": versions(whole),
        "environment": environment(whole),
    }


def measure_pace(name: str, limits: Mapping[str, Any]) -> float:
    """Returns the seconds for a verdict, the median of a few."""
    implementation = _timed(name, check_limits(**limits).choices)
    seconds = []
    for case in sample_cases(SAMPLE, **limits):
        start = time.monotonic()
        judge(case, implementation, name)
        seconds.append(time.monotonic() - start)
    return median(seconds)


def diagnose_failure(
    plan: Plan, name: str, at: Mapping[str, Any], suspects: Collection[str]
) -> dict[str, Any]:
    """Returns the diagnosis of the failure on the case that `at` names."""
    case = case_of(plan, at)
    diagnosis = diagnose(case, _timed(name, vars(case.config)), suspects)
    return {"names": list(diagnosis.names), "sentence": diagnosis.sentence}


def shrink_failure(
    plan: Plan, name: str, at: Mapping[str, Any], names: Iterable[str]
) -> dict[str, Any]:
    """Returns the smallest case for a failure that looks like the mistakes of these names."""
    case = case_of(plan, at)
    implementation = _timed(name, vars(case.config))
    verdict = judge(case, implementation, name)
    failed = verdict.is_failure  # this time too
    if failed and not is_stateful(list(names)):
        verdict = smallest(verdict, implementation)
    place = place_table(verdict.first) if verdict.first else None
    return record(verdict.case, name, verdict.reason, at["rebuild"]) | {"where": place}


def measure_sight(plan: Plan, indices: Iterable[int]) -> dict[str, Any]:
    """Returns which known mistakes these cases would have caught."""
    limits = plan.allowed()
    return sight_table(sight(cases_at(indices, plan.seed, limits), limits=[limits]))


def record(case: Case, name: str, reason: str, rebuild: str) -> dict[str, Any]:
    """Returns a case as text and as a saved case in base64.

    `rebuild` is Python that builds the case from which it was shrunk.
    """
    facts = {"implementation": name, "reason": reason, "found": rebuild}
    return {
        "case": repr(case),
        "snippet": snippet(case),
        "reason": reason,
        "saved": base64.b64encode(case_bytes(case, facts)).decode(),
    }


def _timed(name: str, choices: Mapping[str, Any]) -> Implementation:
    """Returns the implementation, whose side effects raise, and whose calls have a time limit.

    Of a notebook's function these say what it computes, see `claim`.
    """
    return timed(under_watch(name, choices))
