"""Draws how time grows with T, B and H: the loop, the certificate and the frameworks.

    python -m tests.benchmarks.growth [-o growth.svg] [--cell gru]

Slopes are fitted over the upper half of each range, where the constant part no longer counts.
"""

import statistics
import time
from functools import partial

import click
import numpy as np

from harness import sample_cases
from harness.judge.certificate import certify
from references import load
from references.cells import CELLS
from tests.benchmarks.speeds import PEER

MIDDLE = {"time": 100, "batch": 2, "hidden_size": 64, "input_size": 16}
RANGES = {
    "time": (10, 30, 100, 300, 1000, 3000, 10000),
    "batch": (1, 3, 10, 30, 100, 300, 1000),
    "hidden_size": (16, 32, 64, 128, 256, 512, 1024),
}
NAMES = ("numpy", "torch", "keras/graph")


def seconds(action, least=5, budget=0.3):
    """Median of at least `least` calls, or of as many as the budget holds."""
    times, end = [], time.perf_counter() + budget
    while len(times) < least or time.perf_counter() < end:
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def row(name, size, cell):
    """Seconds of each implementation, and of the loop's certificate, with one size changed."""
    (case,) = sample_cases(1, 1, regimes="contracting", **{**MIDDLE, name: size}, **PEER, cell=cell)
    runs = {implementation: load(implementation) for implementation in NAMES}
    sequence = runs["numpy"](case).sequence
    actions = {implementation: partial(run, case) for implementation, run in runs.items()}
    actions["certificate"] = lambda: certify(case, [sequence])
    return {what: seconds(action) for what, action in actions.items()}


def slope(sizes, times):
    """The exponent of growth over the upper half."""
    half = len(sizes) // 2
    return float(np.polyfit(np.log(sizes[half:]), np.log(times[half:]), 1)[0])


@click.command()
@click.option("-o", "--output", default="growth.svg", show_default=True)
@click.option("--sizes", type=click.IntRange(4), default=7, help="Only the smallest of each range.")
@click.option("--cell", type=click.Choice(list(CELLS)), default="rnn", show_default=True)
def main(output, sizes, cell):
    """Measures and draws."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(RANGES), figsize=(15, 5), layout="constrained")
    for axis, (name, steps) in zip(axes, RANGES.items(), strict=True):
        steps = steps[:sizes]
        rows = [row(name, size, cell) for size in steps]
        for what, marker in zip(rows[0], "os^x", strict=True):
            times = [seconds[what] for seconds in rows]
            power = slope(steps, times)
            axis.loglog(steps, times, marker=marker, label=f"{what}: {power:.2f}")
            low, high = (f"{1e3 * times[end]:.2f} ms at {steps[end]}" for end in (0, -1))
            click.echo(f"{name:12} {what:12} grows with power {power:.2f}: {low}, {high}")
        title = ", ".join(f"{key} {value}" for key, value in MIDDLE.items() if key != name)
        axis.set(xlabel=name, ylabel="seconds", title=title)
        axis.legend(title="power of growth")
    figure.savefig(output)
    click.echo(f"wrote {output}")


if __name__ == "__main__":
    main()
