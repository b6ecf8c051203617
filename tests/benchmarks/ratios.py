"""The deep run: |actual - centre| / radius of every output over many cases, per regime. No test: it takes minutes to an hour.

    python -m tests.benchmarks.ratios torch --cases 20000

Rounded regimes give the distribution of ratios, exact ones the number of outputs that are equal.
"""

import sys
import time

import click
import numpy as np

from harness import sample_cases
from harness.draw.limits import EXACT_REGIMES, REGIMES
from harness.judge.certificate import certify
from harness.judge.judge import judge
from references import load

DEEP = {"time": (1, 200), "hidden_size": (1, 128), "input_size": (1, 128), "batch": (1, 4)}
EDGES = np.linspace(0, 1, 100_001)


def ratios(case, outputs):
    """The ratio of every output that had room, of a case with one layer."""
    found = []
    for certificate in certify(case, [outputs.sequence]):
        centre, radius, decided = certificate.enclosure
        room = decided & (radius > 0)
        found.append((np.abs(certificate.actual - centre)[room] / radius[room]).ravel())
    return np.concatenate(found)


@click.command()
@click.argument("implementation")
@click.option("--cases", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--exact-cases", type=click.IntRange(0), default=2_000, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=11, show_default=True)
@click.option(
    "--regime", "only", type=click.Choice(list(REGIMES)), multiple=True, help="These regimes alone."
)
def main(implementation, cases, exact_cases, seed, only):
    run = load(implementation)
    rounded = [name for name in REGIMES if name not in EXACT_REGIMES]
    for regime in only or (*EXACT_REGIMES, *rounded):
        for dtype in ("float32", "float64"):
            count = (exact_cases if regime in EXACT_REGIMES else cases) // (
                2 * len(EXACT_REGIMES if regime in EXACT_REGIMES else rounded)
            )
            kinds, outputs, exact, histogram, worst = (
                {},
                0,
                0,
                np.zeros(len(EDGES) - 1, int),
                (0.0, ""),
            )
            start = time.perf_counter()
            for drawn, case in enumerate(
                sample_cases(
                    count,
                    seed,
                    regimes=regime,
                    dtype=dtype,
                    num_layers=1,
                    **DEEP,
                    **_can(implementation, regime),
                )
            ):
                kept = []
                if implementation.startswith("keras") and drawn % 200 == 199:
                    sys.modules["keras"].utils.clear_session(
                        free_memory=False
                    )  # Keras remembers each layer ever built
                verdict = judge(
                    case,
                    lambda given, kept=kept: kept.append(run(given)) or kept[-1],
                    implementation,
                    calls=1,
                )
                kinds[verdict.kind] = kinds.get(verdict.kind, 0) + 1
                outputs, exact = outputs + verdict.outputs, exact + verdict.exact
                if verdict.kind == "agrees":
                    histogram += np.histogram(ratios(case, kept[-1]), EDGES)[0]
                    worst = max(worst, (verdict.worst_ratio, case.origin))
                elif verdict.kind != "refused":
                    click.echo(str(verdict))
            share = np.cumsum(histogram) / max(histogram.sum(), 1)
            median, high = (
                EDGES[min(int(np.searchsorted(share, quantile)) + 1, len(EDGES) - 1)]
                for quantile in (0.5, 0.99)
            )
            room = (
                f"ratio median {median:.4f}, 99 % {high:.4f}, max {worst[0]:.4f} at {worst[1]}"
                if histogram.sum()
                else "none had room"
            )
            click.echo(
                f"{implementation:8} {regime:12} {dtype} {kinds} {outputs:>12,} outputs, {exact:>12,} equal; {room}; "
                f"{time.perf_counter() - start:.0f} s"
            )


def _can(implementation, regime):
    """The limits within which a framework refuses nothing."""
    if not implementation.startswith("torch"):
        return {"nonlinearity": REGIMES[regime]}
    return {
        "nonlinearity": "tanh" if regime == "ternary" else ("tanh", "relu"),
        "go_backwards": False,
        "masks": False,
    }


if __name__ == "__main__":
    main()
