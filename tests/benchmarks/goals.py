"""Measures speed figure by figure, beside its goal, in interleaved blocks of one run.

    python -m tests.benchmarks.goals [--blocks 8] [--memory 100000]

So a slow machine slows all figures alike. Takes about two minutes, and five more with --memory.
It runs with one thread, as a worker of `verify` does; the peer is as fast with one as with two.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from functools import partial

import click
import numpy as np
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
        cases = list(sample_cases(counts["floor"], block, **LIMITS))
        for name, action in (
            ("peer", partial(speeds.peer, few, block)),
            ("floor", partial(speeds.floor, cases)),
            ("verify", partial(speeds.by_verify, size, block)),
            ("check", partial(speeds.by_check, cases[: counts["check"]])),
            ("drawing", partial(speeds.drawing, size, block)),
        ):
            with timed(seconds[name]):
                action()
    return {name: statistics.median(times) / counts[name] for name, times in seconds.items()}


def certificate_over_loop(batch, turns=30, **limits):
    """The certificate's time as a multiple of the loop's, over the rounded regimes."""
    ours, theirs = [], []
    for regime in ("contracting", "chaotic"):
        (case,) = sample_cases(1, 1, batch=batch, regimes=regime, **LARGE, **limits)
        outputs = loop(case)
        for _ in range(turns):
            with timed(theirs):
                loop(case)
            with timed(ours), np.errstate(all="ignore"):  # as the judge calls it
                certify(case, [outputs.sequence])
    return statistics.median(ours) / statistics.median(theirs)


def two_processes(size):
    """Seconds a case on two workers; the difference of a long and a short run removes the start."""
    seconds = []
    for count in (size, 5 * size):
        with timed(seconds):
            speeds.in_two_processes(count, 3)
    return (seconds[1] - seconds[0]) / (4 * size)


def cold(turns=3):
    """Seconds of `rnn-parity verify`, and of importing the slower framework, in new processes."""
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
    """Resident memory after `first` cases, and its greatest value until `cases`."""
    sizes = []

    def progress(count):
        if count % 2000 == 0:
            sizes.append((count // 2, resident()))

    speeds.warm()
    speeds.verify("torch", "keras/graph", examples=cases, seed=1, progress=progress, **LIMITS)
    later = [size for count, size in sizes if count >= first]
    return later[0], max(later)


class Goals:
    """The table of figures."""

    def __init__(self):
        title = f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores"
        self.table = Table("figure", "goal", "figure here", "reached", title=title)

    def row(self, name, goal, value, reached):
        """Adds a figure."""
        self.table.add_row(name, goal, value, "yes" if reached else "no")

    def at_least(self, name, goal, value, detail=""):
        """Adds a multiple that is to be large."""
        self.row(name, f"at least {goal} times", f"{value:.1f} times{detail}", value >= goal)

    def at_most(self, name, goal, value, detail=""):
        """Adds a multiple that is to be small."""
        self.row(name, f"at most {goal} times", f"{value:.2f} times{detail}", value <= goal)


def add_rates(goals, blocks, size):
    """Adds the figures that compare cases a second."""
    seconds = rates(blocks, size)
    peer = seconds["peer"]
    for name, least in (("verify", 25), ("check", 18)):
        detail = f" ({1 / seconds[name]:.0f})"
        goals.at_least(
            f"cases a second by {name}, over the peer", least, peer / seconds[name], detail
        )
    two = two_processes(max(size // 2, 10))
    goals.at_least("two processes", 40, peer / two, f" ({1 / two:.0f})")
    detail = f" (floor {1e3 * seconds['floor']:.2f} ms)"
    goals.at_most(
        "a case against the bare floor", 1.4, seconds["verify"] / seconds["floor"], detail
    )
    for batch, most in ((1, 1), (4, 1.7)):
        ratio = certificate_over_loop(batch)
        goals.at_most(f"certificate against the loop, B = {batch}", most, ratio)
    for cell, most in (("gru", 2), ("lstm", 3)):
        ratio = certificate_over_loop(4, cell=cell)
        goals.at_most(f"certificate of a {cell} against the loop, B = 4", most, ratio)
    share = seconds["drawing"] / seconds["verify"]
    goals.row("drawing a case", "at most 5 %", f"{100 * share:.1f} %", share <= 0.05)
    goals.table.add_row("the peer", "", f"{1 / peer:.1f} cases a second", "")


@click.command()
@click.option("--blocks", type=click.IntRange(3), default=5, show_default=True)
@click.option("--size", type=click.IntRange(20), default=4000, show_default=True)
@click.option("--memory", "cases", type=click.IntRange(0), default=0, help="The goal's are 100000.")
def main(blocks, size, cases):
    """Prints each figure beside its goal."""
    assert {"torch", "keras"} <= set(installed()), "the goals are about both frameworks"
    goals = Goals()
    add_rates(goals, blocks, size)
    ours, imports = cold()
    limit = 1.3 * imports + 2
    goals.row("rnn-parity verify, cold", f"at most {limit:.1f} s", f"{ours:.1f} s", ours <= limit)
    if cases:
        first, greatest = memory(cases)
        value = f"{first:.0f} MB, then at most {greatest:.0f} MB"
        title, goal = f"memory over {cases:,} cases", "within 5 % after 5,000"
        goals.row(title, goal, value, greatest <= 1.05 * first)
    Console(width=130).print(goals.table)


if __name__ == "__main__":
    main()
