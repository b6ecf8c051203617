"""Measures |actual - centre| / radius of every output over many cases, per regime. Takes minutes.

    python -m tests.benchmarks.ratios torch --cases 20000 [--cell lstm]

Rounded regimes give the distribution of ratios, exact ones the number of outputs that are equal.
"""

import sys
import time
from collections import Counter

import click
import numpy as np

from harness import sample_cases
from harness.draw.limits import EXACT_REGIMES, REGIMES
from harness.judge.certificate import certify
from harness.judge.judge import judge
from references import load
from references.case import NONLINEARITIES
from references.cells import CELLS

DEEP = {"time": (1, 200), "hidden_size": (1, 128), "input_size": (1, 128), "batch": (1, 4)}
OF_TORCH = {"go_backwards": False, "masks": False}
EDGES = np.linspace(0, 1, 100_001)
ROUNDED = [name for name in REGIMES if name not in EXACT_REGIMES]


def ratios(case, outputs):
    """The ratio of every output whose interval is wider than a point, of a case with one layer."""
    parts = []
    for certificate in certify(case, [outputs.sequence]):
        centre, radius, decided = certificate.enclosure
        room = decided & (radius > 0)
        parts.append((np.abs(certificate.actual - centre)[room] / radius[room]).ravel())
    return np.concatenate(parts)


class Recorder:
    """An implementation that keeps its last answer, and clears what Keras remembers of layers."""

    def __init__(self, name):
        self.run, self.name, self.calls, self.last = load(name), name, 0, None

    def __call__(self, case):
        """Calls the implementation."""
        self.calls += 1
        if self.name.startswith("keras") and self.calls % 200 == 0:
            sys.modules["keras"].utils.clear_session(free_memory=False)
        self.last = self.run(case)
        return self.last


def measure(name, count, seed, regime, dtype, cell):
    """Prints the line of one regime and dtype."""
    implementation = Recorder(name)
    kinds, outputs, exact, worst = Counter(), 0, 0, (0.0, "")
    histogram = np.zeros(len(EDGES) - 1, int)
    start = time.perf_counter()
    limits = (
        DEEP | computable(name, regime, cell) | {"regimes": regime, "dtype": dtype, "num_layers": 1}
    )
    for case in sample_cases(count, seed, **limits):
        verdict = judge(case, implementation, name, calls=1)
        kinds[verdict.kind] += 1
        outputs, exact = outputs + verdict.outputs, exact + verdict.exact
        if verdict.kind == "agrees":
            histogram += np.histogram(ratios(case, implementation.last), EDGES)[0]
            worst = max(worst, (verdict.worst_ratio, case.origin))
        elif verdict.kind != "refused":
            click.echo(str(verdict))
    click.echo(
        f"{name:8} {regime:12} {dtype} {dict(kinds)} {outputs:>12,} outputs, {exact:>12,} equal; "
        f"{distribution(histogram, worst)}; {time.perf_counter() - start:.0f} s"
    )


def distribution(histogram, worst):
    """Median, 99th percentile and greatest ratio, in words."""
    if not histogram.sum():
        return "none had room"
    share = np.cumsum(histogram) / histogram.sum()
    places = np.searchsorted(share, (0.5, 0.99)) + 1
    median, high = EDGES[np.minimum(places, len(EDGES) - 1)]
    return f"ratio median {median:.4f}, 99 % {high:.4f}, max {worst[0]:.4f} at {worst[1]}"


def computable(implementation, regime, cell):
    """The limits within which a framework refuses nothing."""
    if cell != "rnn":
        of_torch = {"reset_after": True} if cell == "gru" else {}
        return {"cell": cell} | (OF_TORCH | of_torch if implementation.startswith("torch") else {})
    if not implementation.startswith("torch"):
        return {"nonlinearity": [name for name in NONLINEARITIES if name in REGIMES[regime]]}
    nonlinearity = "tanh" if regime == "ternary" else ("tanh", "relu")
    return {"nonlinearity": nonlinearity} | OF_TORCH


@click.command()
@click.argument("implementation")
@click.option("--cases", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--exact-cases", type=click.IntRange(0), default=2_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=11, show_default=True)
@click.option(
    "--regime", "only", type=click.Choice(list(REGIMES)), multiple=True, help="These regimes alone."
)
@click.option("--cell", type=click.Choice(list(CELLS)), default="rnn", show_default=True)
def main(implementation, cases, exact_cases, seed, only, cell):
    """Measures every regime of the cell in both dtypes."""
    names = {cell} if cell != "rnn" else set(NONLINEARITIES)
    for regime in only or [name for name in (*EXACT_REGIMES, *ROUNDED) if names & {*REGIMES[name]}]:
        is_exact = regime in EXACT_REGIMES
        total, regimes = (exact_cases, EXACT_REGIMES) if is_exact else (cases, ROUNDED)
        for dtype in ("float32", "float64"):
            measure(implementation, total // (2 * len(regimes)), seed, regime, dtype, cell)


if __name__ == "__main__":
    main()
