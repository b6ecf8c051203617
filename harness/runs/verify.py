"""Verifies implementations against the hand-written loop on sampled cases."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from harness.draw.generate import sample_cases
from harness.draw.limits import limits as checked_limits
from harness.runs.batches import blocks
from harness.runs.findings import unexamined
from harness.runs.in_process import InThisProcess
from harness.runs.processes import Processes
from harness.runs.report import Report
from harness.runs.resolve import by_group, merge_limits, shared_limits
from harness.runs.results import Results
from references import REFERENCES, installed

EAGER = 10  # where nothing was asked for, a reference that has a faster path is itself called on one case in so many


def verify(
    *implementations: Any,
    examples: int = 200,
    seed: int = 0,
    save: Path | None = None,
    progress: Callable[[int], None] | None = None,
    workers: int | None = None,
    time_limit: float = 60.0,
    **limits: Any,
) -> Report:
    """Judges each implementation on the same `examples` cases of `seed`, drawn within `limits`.

    An implementation is a reference's name ("torch"), a variant ("keras/unroll", "torch/all"), "package.module:function",
    "file.py:function", or a function; with none, every installed framework is verified, Keras by its traced path, and eagerly
    on every tenth case. The smallest failing cases are written to the folder `save`, if one is given. `progress` is called
    with the number of verdicts so far. Ctrl-C ends the run with a report of what is known so far.

    With `workers` the run is shared among so many processes, each with one thread; the report is the same for any number. They
    take names alone, not functions, and a script that asks for them needs `if __name__ == "__main__":`. An implementation that ends
    its process, or takes longer than `time_limit` seconds for one verdict, is then reported, and the run goes on.

    Raises NotFound, NotInstalled, or TypeError and ValueError for limits; never for what an implementation does.
    """
    _check(examples, seed, workers, time_limit, limits)
    chosen, every = (implementations, {}) if implementations else by_default()
    start = time.perf_counter()
    runner = InThisProcess(chosen) if workers is None else Processes(chosen, workers, time_limit)
    interrupted = False
    with runner:
        own = [runner.limits_of(name) if ":" in name else {} for name in runner.names]
        limits = merge_limits(runner.names, shared_limits(own), limits)
        allowed = checked_limits(**limits)
        results = Results(runner.names, seed, allowed)
        work = {
            group: blocks(names, examples, seed, allowed, every)
            for group, names in by_group(runner.names).items()
        }
        try:
            for count, row in enumerate(runner.rows(work), 1):
                results.add(row)
                if progress:
                    progress(count)
        except KeyboardInterrupt:
            interrupted = True
        facts = runner.facts()
        findings = {}
        for name, summary in results.summaries.items():
            for first in results.failures(name)[:1]:
                look = (
                    partial(unexamined, why="the run was interrupted")
                    if interrupted
                    else runner.finding
                )
                findings[name] = look(first, summary.failure_count, save=save, facts=facts)
    sights = results.sights(name for name in runner.names if name not in every)
    for name, sight in sights.items():
        results.summaries[name].blind = sight.blind
    return Report(
        make_verdicts=results.verdicts,
        summaries=tuple(results.summaries.values()),
        cases=examples,
        seed=seed,
        limits=limits,
        environment=facts,
        findings=findings,
        sights=sights,
        seconds=time.perf_counter() - start,
        interrupted=interrupted,
        notes=(
            *(f"{name} was called on every {count}th case" for name, count in every.items()),
            *runner.notes,
        ),
    )


def by_default() -> tuple[tuple[str, ...], dict[str, int]]:
    """Every installed framework, with the faster path of those that have one; and which are themselves called on one case in how many."""
    frameworks = [name for name in installed() if REFERENCES[name].needs]
    every = {name: EAGER for name in frameworks if REFERENCES[name].fast}
    return tuple(
        path
        for name in frameworks
        for path in (name, f"{name}/{REFERENCES[name].fast}")
        if not path.endswith("/")
    ), every


def _check(
    examples: Any, seed: Any, workers: Any, time_limit: Any, limits: Mapping[str, Any]
) -> None:
    if not isinstance(examples, int) or isinstance(examples, bool) or examples < 1:
        raise ValueError(f"examples is {examples!r}, expected a whole number of at least 1")
    if workers is not None and (
        not isinstance(workers, int) or isinstance(workers, bool) or workers < 1
    ):
        raise ValueError(
            f"workers is {workers!r}, expected None, for this process, or a whole number of at least 1"
        )
    if not time_limit > 0:
        raise ValueError(f"time_limit is {time_limit!r}, expected a number of seconds above 0")
    checked_limits(**limits)
    sample_cases(examples, seed)  # raises for what is wrong with the two
