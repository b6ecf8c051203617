"""Speed, figure by figure, beside its goal: measured in interleaved blocks of one run, so that a slow machine slows all alike.

    python -m tests.benchmarks.goals [--blocks 8] [--memory 100000]

Takes about two minutes, and five more with --memory. It runs with one thread, as a worker of `verify` does (see __init__.py beside it);
the ordinary test is as fast with one as with two.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from functools import partial

import click
from rich.console import Console
from rich.table import Table

from harness import sample_cases
from harness.judge.certificate import certify
from references import installed
from references.numpy_rnn import run as loop
from tests.benchmarks import speeds
from tests.benchmarks.speeds import LIMITS, timed

LARGE = {"time": 200, "hidden_size": 128, "input_size": 64} | speeds.PEER


def rates(blocks, size):
    """Seconds a case of each way, block by block; the ways take turns."""
    seconds = {name: [] for name in ("peer", "floor", "verify", "check", "drawing")}
    speeds.warm()
    few = max(size // 40, 5)  # of the slow ones
    counts = {"peer": few, "floor": 10 * few, "verify": size, "check": 4 * few, "drawing": size}
    for block in range(blocks):
        drawn = list(sample_cases(counts["floor"], block, **LIMITS))
        for name, action in (
            ("peer", partial(speeds.peer, few, block)),
            ("floor", partial(speeds.floor, drawn)),
            ("verify", partial(speeds.by_verify, size, block)),
            ("check", partial(speeds.by_check, drawn[: counts["check"]])),
            ("drawing", partial(speeds.drawing, size, block)),
        ):
            with timed(seconds[name]):
                action()
    return {name: statistics.median(times) / counts[name] for name, times in seconds.items()}


def certificate_over_loop(batch, turns=30):
    """The certificate's time as a multiple of the loop's, over the rounded regimes."""
    ours, theirs = [], []
    for regime in ("contracting", "chaotic"):
        (case,) = sample_cases(1, 1, batch=batch, regimes=regime, **LARGE)
        outputs = loop(case)
        for _ in range(turns):
            with timed(theirs):
                loop(case)
            with timed(ours):
                certify(case, [outputs.sequence])
    return statistics.median(ours) / statistics.median(theirs)


def two_processes(size=2000):
    """Seconds a case on two workers, the start taken out by the difference of a long and a short run."""
    seconds = []
    for count in (size, 5 * size):
        with timed(seconds):
            speeds.in_two_processes(count, 3)
    return (seconds[1] - seconds[0]) / (4 * size)


def cold(turns=3):
    """Seconds of `rnn-parity verify`, and of importing the slower framework, in new processes by turns."""
    ours, imports = [], []
    for _ in range(turns):
        for seconds, command in (
            (imports, ["-c", "import references.keras_rnn"]),
            (ours, ["-m", "harness", "verify"]),
        ):
            with timed(seconds):
                subprocess.run([sys.executable, *command], check=True, capture_output=True)
    return statistics.median(ours), statistics.median(imports)


def resident():
    """This process' memory in MB."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def memory(cases, first=5000):
    """Resident memory after `first` cases and its greatest value until `cases`, as `verify` runs them in this process."""
    seen = []

    def progress(count):
        if count % 2000 == 0:
            seen.append((count // 2, resident()))

    speeds.warm()
    speeds.verify("torch", "keras/graph", examples=cases, seed=1, progress=progress, **LIMITS)
    at = next(size for count, size in seen if count >= first)
    return at, max(size for count, size in seen if count >= first), seen


@click.command()
@click.option("--blocks", type=click.IntRange(3), default=5, show_default=True)
@click.option(
    "--size",
    type=click.IntRange(20),
    default=4000,
    show_default=True,
    help="Cases in a block of ours.",
)
@click.option(
    "--memory",
    "cases",
    type=click.IntRange(0),
    default=0,
    help="Cases of the memory run; 100000 are the goal's.",
)
def main(blocks, size, cases):
    assert {"torch", "keras"} <= set(installed()), "the goals are about both frameworks"
    table = Table(
        "figure",
        "goal",
        "figure here",
        "met",
        title=f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores",
    )

    def row(name, goal, value, met):
        table.add_row(name, goal, value, "yes" if met else "no")

    seconds = rates(blocks, size)
    for name, least in (("verify", 25), ("check", 18)):
        ratio = seconds["peer"] / seconds[name]
        row(
            f"cases per second by {name}, against the ordinary test",
            f"at least {least} times",
            f"{ratio:.1f} times ({1 / seconds[name]:.0f})",
            ratio >= least,
        )
    two = two_processes()
    row(
        "two processes",
        "at least 40 times",
        f"{seconds['peer'] / two:.1f} times ({1 / two:.0f})",
        seconds["peer"] / two >= 40,
    )
    ratio = seconds["verify"] / seconds["floor"]
    row(
        "a case against the bare floor",
        "at most 1.4 times",
        f"{ratio:.2f} times (floor {1e3 * seconds['floor']:.2f} ms)",
        ratio <= 1.4,
    )
    for batch, most in ((1, 1), (4, 1.7)):
        ratio = certificate_over_loop(batch)
        row(
            f"certificate against the loop, B = {batch}",
            f"at most {most} times",
            f"{ratio:.2f} times",
            ratio <= most,
        )
    share = seconds["drawing"] / seconds["verify"]
    row("drawing a case", "at most 5 %", f"{100 * share:.1f} %", share <= 0.05)
    ours, imported = cold()
    row(
        "rnn-parity verify, cold",
        f"at most 1.3 x {imported:.1f} s + 2 s",
        f"{ours:.1f} s",
        ours <= 1.3 * imported + 2,
    )
    if cases:
        at, greatest, _ = memory(cases)
        row(
            f"memory over {cases:,} cases",
            "within 5 % after 5,000",
            f"{at:.0f} MB, then at most {greatest:.0f} MB",
            greatest <= 1.05 * at,
        )
    table.add_row("the ordinary test", "", f"{1 / seconds['peer']:.1f} cases a second", "")
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
