"""Measures speed figure by figure, beside its goal, in interleaved blocks of one run.

    python -m tests.benchmarks.goals [--blocks 8] [--memory 100000]

So a slow machine slows all figures alike. Ratios within one process are of the processor's time,
commands and workers are timed by the wall's clock. What misses its goal within this process is
profiled. Takes ten minutes, and five more with --memory.
It runs with one thread, as a worker of `verify` does; the peer is as fast with one as with two.
"""

import cProfile
import io
import os
import pstats
import resource
import statistics
import time
from functools import partial

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from harness import sample_cases
from harness.draw.shapes import Shape
from harness.judge.certificate import certify
from references import installed
from references.cells import CELLS
from references.numpy_rnn import run as loop
from tests.benchmarks import cold, large, speeds
from tests.benchmarks.detection import GOAL, Score, by_ours
from tests.benchmarks.speeds import LIMITS, busy, timed

SIZES = {"time": 200, "hidden_size": 128, "input_size": 64, "batch": 4} | speeds.PEER


def rates(blocks, size):
    """Seconds a case of each way; the ways take turns, block by block.

    Of the blocks' times the least counts, which other programs on the machine disturb least.
    """
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
            ("check", partial(speeds.by_check, speeds.by_hand(cases[: counts["check"]]))),
            ("drawing", partial(speeds.drawing, size, block)),
        ):
            with busy(seconds[name]):
                action()
    return {name: min(times) / counts[name] for name, times in seconds.items()}


def certificate_over_loop(cell, turns=30):
    """The certificate's time as a multiple of the loop's, in the slower of two rounded regimes.

    Of one case each, with both biases and initial states, T = 200, H = 128, B = 4. Certificate
    and loop take turns, and of the turns' times the least counts.
    """
    ratios = []
    for regime in ("contracting", "chaotic"):
        (case,) = sample_cases(1, 1, cell=cell, regimes=regime, **SIZES)
        outputs, ours, theirs = loop(case), [], []
        for _ in range(turns):
            with busy(theirs):
                loop(case)
            with busy(ours), np.errstate(all="ignore"):  # as the judge calls it
                certify(case, [outputs.sequence])
        ratios.append(min(ours) / min(theirs))
    return max(ratios)


def two_over_one(size, turns=3):
    """How many times one process' cases a second two workers have, and their cases a second.

    By the wall's clock; the difference of a long and a short run removes the start.
    """
    times = {(ways, count): [] for ways in (1, 2) for count in (size, 5 * size)}
    for _ in range(turns):
        for (ways, count), seconds in times.items():
            run = speeds.by_verify if ways == 1 else speeds.in_two_processes
            with timed(seconds):
                run(count, 3)
    medians = {key: statistics.median(seconds) for key, seconds in times.items()}
    one, two = (medians[ways, 5 * size] - medians[ways, size] for ways in (1, 2))
    return one / two, 4 * size / two


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
    """The table of figures, each with its goal and its share of it."""

    def __init__(self):
        title = f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores"
        columns = ("figure", "goal", "here", "over the goal", "reached")
        self.table = Table(*columns, title=title)
        self.profiles = {}

    def at_most(self, name, goal, value, unit="times", detail="", profile=None):
        """Adds a figure that is to be small; if it is not, `profile` is run for its profile."""
        text = f"at most {goal:.3g} {unit}", f"{value:.3g} {unit}{detail}"
        self._row(name, *text, value / goal, profile)

    def at_least(self, name, goal, value, unit="times", detail="", profile=None):
        """Adds a figure that is to be large."""
        text = f"at least {goal:.3g} {unit}", f"{value:.3g} {unit}{detail}"
        self._row(name, *text, goal / value, profile)

    def _row(self, name, goal, value, share, profile):
        self.table.add_row(name, goal, value, f"{share:.2f}", "yes" if share <= 1 else "no")
        if share > 1 and profile:
            self.profiles[name] = profile_of(profile)

    def print(self):
        """Prints the table, then the profile of what is missed within this process."""
        Console(width=150).print(self.table)
        for name, text in self.profiles.items():
            print(f"\n{name}:\n{text}")


def profile_of(action, lines=12):
    """The functions in which an action spends most, each with what it calls."""
    profiler, text = cProfile.Profile(), io.StringIO()
    profiler.runcall(action)
    pstats.Stats(profiler, stream=text).sort_stats("cumulative").print_stats(
        r"harness|refer", lines
    )
    rows = text.getvalue().splitlines()
    start = next(index for index, row in enumerate(rows) if "cumtime" in row)
    return "\n".join(rows[start:]).rstrip().replace(f"{cold.ROOT}/", "")


def add_large(goals):
    """Adds the figures of single large cases."""
    for name, (size, most) in large.SIZES.items():
        ratio, profile = large.over_torch(size), partial(large.over_torch, size, turns=1)
        goals.at_most(f"a verdict over torch's call, {name}", most, ratio, profile=profile)
    for name, (size, _) in large.SIZES.items():
        goals.at_most(f"memory of a verdict over the case, {name}", 4, large.memory(size))
    for cell, most in (("rnn", 3.2), ("gru", 2), ("lstm", 3)):
        name, ratio = (
            f"certificate over the loop, {cell}, H = 128, B = 4",
            certificate_over_loop(cell),
        )
        goals.at_most(name, most, ratio, profile=partial(certificate_over_loop, cell, turns=3))


def add_rates(goals, blocks, size):
    """Adds the figures that compare cases a second."""
    seconds = rates(blocks, size)
    peer = seconds["peer"]

    def a_second(each):
        return f" ({1 / each:.0f} a second)"

    floor = seconds["verify"] / seconds["floor"]
    detail = f" (floor {1e3 * seconds['floor']:.2f} ms)"
    name, profile = "a case over the bare calls and the loop", partial(speeds.by_verify, 500, 0)
    goals.at_most(name, 1.5, floor, detail=detail, profile=profile)
    name, ratio = "check, on cases built by hand, over the ordinary test", peer / seconds["check"]
    cases = speeds.by_hand(sample_cases(50, 0, **LIMITS))
    detail, profile = a_second(seconds["check"]), partial(speeds.by_check, cases)
    goals.at_least(name, 8, ratio, detail=detail, profile=profile)
    ratio, rate = two_over_one(max(size // 2, 10))
    goals.at_least("two workers over one", 1.85, ratio, detail=f" ({rate:.0f} a second)")
    outside = cold.outside_the_clock()
    goals.at_most("a campaign on two workers, outside its clock", 2, outside, "s")
    share, profile = 100 * seconds["drawing"] / seconds["verify"], partial(speeds.drawing, 500, 0)
    goals.at_most("drawing, of a case", 5, share, "%", profile=profile)
    ours = f"{peer / seconds['verify']:.1f} times{a_second(seconds['verify'])}"
    goals.table.add_row("verify over the ordinary test", "", ours, "", "")
    goals.table.add_row("the ordinary test", "", f"{1 / peer:.1f} a second", "", "")


def add_cold(goals):
    """Adds the seconds of commands in new processes, by the wall's clock and of the processor."""
    imports, _ = cold.seconds("-c", "import references.keras_rnn")
    own = ("verify", "my_rnn.py:rnn")
    ready = ("pytest", "-p", "harness.pytest_plugin", "--parity-implementation", own[1])
    for name, goal, arguments in (
        ("verify, cold", 1.3 * imports + 1.5, ("harness", "verify")),
        ("verify my_rnn.py:rnn, cold", 0.9, ("harness", *own)),
        ("--help", 0.2, ("harness", "--help")),
        ("the plugin's ready-made tests of it, cold", 2, ready),
    ):
        wall, processor = cold.seconds("-m", *arguments)
        goals.at_most(name, goal, wall, "s", f" ({processor:.2f} of the processor)")
    _, zeros = cold.seconds("-m", "harness", "verify", "my_rnn.py:zeros")
    goals.at_most("a failing run with its diagnosis, on the processor", 1.5, zeros, "s")


def add_detection(goals, seeds):
    """Adds how many mistakes each seed catches early enough, and how many shapes are compiled."""
    for cell in CELLS:
        score = Score([by_ours(cell, seed) for seed in range(seeds)])
        name = f"mistakes caught by case {GOAL}, {cell}, {seeds} seeds"
        detail = f" (mean case {score.mean:.1f}, last {score.last}, {1e3 * score.seconds:.0f} ms)"
        goals.at_least(name, score.count, score.by_goal, "", detail)
    shapes = {
        Shape(case.config, case.time, case.batch, case.mask is not None, case.masked_output)
        for case in sample_cases(200, shapes=24)
    }
    goals.at_most("compilations in 200 cases of --shapes 24", 24, len(shapes), "")


@click.command()
@click.option("--blocks", type=click.IntRange(3), default=5, show_default=True)
@click.option("--size", type=click.IntRange(20), default=4000, show_default=True)
@click.option("--seeds", type=click.IntRange(1), default=3, help="Of detection; the goal's are 20.")
@click.option("--memory", "cases", type=click.IntRange(0), default=0, help="The goal's are 100000.")
def main(blocks, size, seeds, cases):
    """Prints each figure beside its goal."""
    assert {"torch", "keras"} <= set(installed()), "the goals are about both frameworks"
    goals = Goals()
    add_cold(goals)
    add_large(goals)
    add_rates(goals, blocks, size)
    add_detection(goals, seeds)
    if cases:
        first, greatest = memory(cases)
        share = 100 * (greatest / first - 1)
        detail = f" ({first:.0f} MB after 5,000, then at most {greatest:.0f})"
        goals.at_most(f"growth of memory over {cases:,} cases", 5, max(share, 0), "%", detail)
    goals.print()


if __name__ == "__main__":
    main()
