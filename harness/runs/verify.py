"""Verifies implementations against the hand-written loop on sampled cases."""

import time
from collections.abc import Callable
from typing import Any

from harness.draw.generate import sample_cases
from harness.judge.check import judge
from harness.judge.verdict import Verdict
from harness.runs.environment import environment
from harness.runs.report import Report
from harness.runs.resolve import expanded, in_import_order, resolve
from references import REFERENCES, installed

CALLED_TWICE = 8  # one case in so many is run a second time: a result may not change from call to call


def verify(
    *implementations: Any, examples: int = 200, seed: int = 0, progress: Callable[[int], None] | None = None, **limits: Any
) -> Report:
    """Judges each implementation on the same `examples` cases of `seed`, drawn within `limits`.

    An implementation is a reference's name ("torch"), a variant ("keras/unroll", "torch/all"), "package.module:function",
    "file.py:function", or a function; with none, every installed framework is verified. `progress` is called with the number of
    verdicts so far. Ctrl-C ends the run.
    Raises NotFound, NotInstalled, or TypeError and ValueError for limits; never for what an implementation does.
    """
    asked = implementations or tuple(name for name in installed() if REFERENCES[name].needs)
    resolved = dict(resolve(item) for item in expanded(in_import_order(asked)))
    if len(resolved) == 1:
        limits = getattr(next(iter(resolved.values())), "limits", {}) | limits
    cases = sample_cases(examples, seed, **limits)
    start = time.perf_counter()
    verdicts: list[Verdict] = []
    for index, case in enumerate(cases):
        for name, run in resolved.items():
            verdicts.append(judge(case, run, name, calls=1 + (index % CALLED_TWICE == 0)))
            if progress:
                progress(len(verdicts))
    return Report(tuple(verdicts), tuple(resolved), examples, seed, limits, environment(resolved), time.perf_counter() - start)
