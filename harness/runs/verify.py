"""Verifies implementations against the hand-written loop on sampled cases."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.draw.generate import sample_cases
from harness.draw.limits import limits as checked_limits
from harness.judge.judge import judge
from harness.judge.observe import Implementation
from harness.judge.verdict import Verdict
from harness.mistakes.sight import sight
from harness.runs.environment import environment
from harness.runs.findings import finding
from harness.runs.ledger import known
from harness.runs.report import Report
from harness.runs.resolve import expanded, in_import_order, resolve
from references import REFERENCES, installed

CALLED_TWICE = 8  # one case in so many is followed by a second call with other weights: nothing may stay from call to call


def verify(
    *implementations: Any,
    examples: int = 200,
    seed: int = 0,
    save: Path | None = None,
    progress: Callable[[int], None] | None = None,
    **limits: Any,
) -> Report:
    """Judges each implementation on the same `examples` cases of `seed`, drawn within `limits`.

    An implementation is a reference's name ("torch"), a variant ("keras/unroll", "torch/all"), "package.module:function",
    "file.py:function", or a function; with none, every installed framework is verified. The smallest failing
    cases are written to the folder `save`, if one is given. `progress` is called with the number of verdicts so far.
    Raises NotFound, NotInstalled, or TypeError and ValueError for limits; never for what an implementation does.
    """
    if not isinstance(examples, int) or isinstance(examples, bool) or examples < 1:
        raise ValueError(f"examples is {examples!r}, expected a whole number of at least 1")
    checked_limits(**limits)
    resolved = resolve_all(implementations)
    if len(resolved) == 1:
        own = getattr(next(iter(resolved.values())), "limits", None)
        limits = {**own, **limits} if isinstance(own, Mapping) else limits
    start = time.perf_counter()
    verdicts: list[Verdict] = []
    for index, case in enumerate(sample_cases(examples, seed, **limits)):
        for name, run in resolved.items():
            verdicts.append(judge(case, run, name, calls=1 + (index % CALLED_TWICE == 0)))
            if progress:
                progress(len(verdicts))
    facts = environment(resolved)
    findings, sights = {}, {}
    for name, run in resolved.items():
        own_verdicts = [verdict for verdict in verdicts if verdict.implementation == name]
        wrong = [verdict for verdict in own_verdicts if verdict.kind in ("differs", "crashed") and not known(verdict)]
        if wrong:
            findings[name] = finding(wrong, run, save, facts)
        sights[name] = sight(verdict.case for verdict in own_verdicts if verdict.kind == "agrees")
    return Report(tuple(verdicts), tuple(resolved), examples, seed, limits, facts, findings, sights, time.perf_counter() - start)


def resolve_all(implementations: tuple[Any, ...]) -> dict[str, Implementation]:
    """Names and functions, in the order in which frameworks are imported; other functions of one name get a number."""
    asked = implementations or tuple(name for name in installed() if REFERENCES[name].needs)
    ordered = expanded(in_import_order(asked))
    resolved: dict[str, Implementation] = {}
    for position, item in enumerate(ordered):
        if any(item is other or (isinstance(item, str) and item == other) for other in ordered[:position]):
            continue
        name, run = resolve(item)
        number = 1
        while (unique := name if number == 1 else f"{name} #{number}") in resolved:
            number += 1
        resolved[unique] = run
    return resolved
