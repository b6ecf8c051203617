"""Plants every mistake, and counts cases and milliseconds until a test catches it.

    python -m tests.benchmarks.detection [--seeds 20] [--peers 3] [--cell lstm]

Three tests take turns: ours, on the cases of `verify`; the ordinary one as people write it, of one
layer with normal numbers and `assert_allclose`; and the same over the whole Config. A mistake
counts as caught where every seed catches it. Then right torch is tested, where every catch is a
false alarm. Mistakes are planted in the loop, so that milliseconds are those of the test, on the
processor, without a framework's calls. Takes a minute of one core for each seed.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from harness import sample_cases
from harness.judge.calls.second_calls import other_weights
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME, of_cells
from harness.mistakes.mistake import Mistake
from harness.runs.batches import second_call
from references import Unsupported, load
from references.case import Case, Outputs
from references.cells import CELLS
from references.numpy_rnn import run as loop
from tests.benchmarks.ordinary import EXAMPLES, TOLERANCES, Example, accepts, examples
from tests.benchmarks.speeds import PEER

CASES = 200  # of a default run
GOAL = 60  # every mistake is to be caught by this case
LONG = {"time": (100, 400), "hidden_size": (16, 128), "input_size": (1, 32), "batch": (1, 4)}
REJECTED = ("differs", "crashed")
OURS = "ours"
ORDINARY = {False: "ordinary", True: "the same, widened"}


class Catch(NamedTuple):
    """The number, from 1, of the first case that shows a mistake, and the seconds until then."""

    case: int
    seconds: float


Row = tuple[str, str]  # the test and its tolerance
Pair = tuple[Outputs, Outputs]  # a framework's and the loop's
Catches = dict[str, Catch | None]  # by mistake, of one seed


def first_catch(mistake: Mistake, cases: Iterable[Case]) -> int | None:
    """The number from 1 of the first case that the judge, asked as in `verify`, rejects."""
    implementation = mistake.plant()
    for number, case in enumerate(cases, 1):
        again = second_call(number - 1)
        times, change = (2, again) if again else (1, other_weights)
        if judge(case, implementation, mistake.name, times, change).kind in REJECTED:
            return number
    return None


def by_ours(cell: str, seed: int) -> Catches:
    """When each mistake of the cell is caught by the cases of `verify`, if it is."""
    cases, draws = [], []
    stream, start = sample_cases(CASES, seed, cell=cell), time.process_time()
    for case in stream:
        cases.append(case)
        draws.append(time.process_time() - start)  # so far
    catches: Catches = {}
    for mistake in of_cells({cell}):
        start = time.process_time()
        number = first_catch(mistake, cases)
        seconds = time.process_time() - start
        catches[mistake.name] = number and Catch(number, seconds + draws[number - 1])
    return catches


def by_ordinary(cell: str, seed: int, whole: bool) -> dict[str, Catches]:
    """When each mistake is caught by the ordinary test, for each tolerance."""
    own = list(examples(seed, cell, whole))
    first = {mistake.name: _first_failures(mistake, own, whole) for mistake in of_cells({cell})}
    return {name: {mistake: one.get(name) for mistake, one in first.items()} for name in TOLERANCES}


def _first_failures(mistake: Mistake, cases: Sequence[Example], whole: bool) -> dict[str, Catch]:
    """The first example that fails, for each tolerance that fails one."""
    implementation = mistake.plant()
    seconds, catches = dict.fromkeys(TOLERANCES, 0.0), {}
    for number, example in enumerate(cases, 1):
        start, outputs = time.process_time(), example.right
        if mistake.applies(example.case):
            outputs = None
            with suppress(Exception):  # which fails the test
                outputs = implementation(example.case)
            call = time.process_time() - start
        else:
            call = example.call  # it is the loop
        for name in TOLERANCES.keys() - catches.keys():
            start = time.process_time()
            accepted = outputs and accepts(outputs, example.right, TOLERANCES[name], whole)
            compared = time.process_time() - start
            seconds[name] += example.drawing + example.call + call + compared
            if not accepted:
                catches[name] = Catch(number, seconds[name])
        if len(catches) == len(TOLERANCES):
            break
    return catches


def false_alarms(cell: str, count: int = EXAMPLES, seed: int = 0) -> dict[Row, tuple[str, str]]:
    """How often each test rejects right torch: on its own cases, and on long chaotic ones."""
    chaotic = {**PEER, **LONG, "cell": cell, "regimes": "chaotic"}
    long_cases = list(sample_cases(count, seed, **chaotic))
    judged = [_rejected(cases) for cases in (sample_cases(count, seed, cell=cell), long_cases)]
    alarms = {(OURS, ""): (judged[0], judged[1])}
    long_pairs = _pairs((case, loop(case)) for case in long_cases)
    for whole, test in ORDINARY.items():
        own = _pairs((one.case, one.right) for one in examples(seed, cell, whole, count))
        for name, tolerance in TOLERANCES.items():
            counts = [_unequal(pairs, tolerance, whole) for pairs in (own, long_pairs)]
            alarms[test, name] = (counts[0], counts[1])
    return alarms


def _rejected(cases: Iterable[Case]) -> str:
    """How many cases with right torch the judge rejects, of those that torch does not refuse."""
    kinds = [judge(case, load("torch")).kind for case in cases]
    count = len(kinds) - kinds.count("refused")
    return f"{sum(kind in REJECTED for kind in kinds)} of {count}"


def _unequal(pairs: Sequence[Pair], tolerance: tuple[float, float], whole: bool) -> str:
    """How many of them the ordinary test rejects."""
    wrong = [not accepts(*pair, tolerance, whole) for pair in pairs]
    return f"{sum(wrong)} of {len(wrong)}"


def _pairs(cases: Iterable[tuple[Case, Outputs]]) -> list[Pair]:
    """What torch puts out, and what the loop does; without the cases that torch refuses."""
    pairs = []
    for case, right in cases:
        with suppress(Unsupported):
            pairs.append((load("torch")(case), right))
    return pairs


class Score:
    """What a test caught, seed by seed."""

    def __init__(self, seeds: Sequence[Catches]) -> None:
        self.seeds, self.count = len(seeds), len(seeds[0])
        self.always = sum(all(one[name] for one in seeds) for name in seeds[0])
        self.by_goal = sum(all(is_early(one[name]) for one in seeds) for name in seeds[0])
        catches = [catch for one in seeds for catch in one.values() if catch]
        self.mean = float(np.mean([catch.case for catch in catches]))
        self.last = max(catch.case for catch in catches)
        self.seconds = float(np.mean([catch.seconds for catch in catches]))

    @property
    def columns(self) -> tuple[str, ...]:
        """The figures as text."""
        counts = [f"{count} of {self.count}" for count in (self.always, self.by_goal)]
        mean, milliseconds = f"{self.mean:.1f}", f"{1e3 * self.seconds:.1f}"
        return (str(self.seeds), *counts, mean, str(self.last), milliseconds)


def is_early(catch: Catch | None) -> bool:
    """Tells whether a catch reaches the goal."""
    return catch is not None and catch.case <= GOAL


def late(seeds: Sequence[Catches], cell: str) -> Iterator[str]:
    """Says which mistakes the goal misses, and how many of its cases they change."""
    for name in seeds[0]:
        numbers = [seed for seed, catches in enumerate(seeds) if not is_early(catches[name])]
        if not numbers:
            continue
        never = sum(seeds[seed][name] is None for seed in numbers)
        cases = (sample_cases(GOAL, seed, cell=cell) for seed in numbers)
        changed = [sum(map(BY_NAME[name].applies, some)) for some in cases]
        yield (
            f"{cell}: {name}: later than case {GOAL} with {len(numbers)} of {len(seeds)} seeds, "
            f"with {never} in none of {CASES}; it changes {min(changed)} to {max(changed)} of "
            f"their first {GOAL} cases"
        )


def scores(cell: str, seeds: int, peers: int) -> dict[Row, list[Catches]]:
    """What each test catches of this cell's mistakes, seed by seed; the tests take turns."""
    rows: dict[Row, list[Catches]] = {}
    for seed in range(seeds):
        rows.setdefault((OURS, ""), []).append(by_ours(cell, seed))
        for whole, test in ORDINARY.items() if seed < peers else ():
            for name, catches in by_ordinary(cell, seed, whole).items():
                rows.setdefault((test, name), []).append(catches)
    return rows


COLUMNS = (
    *("test", "rtol, atol", "seeds", "caught", f"by case {GOAL}", "mean case", "last case"),
    *("ms to the catch", "false alarms", "on long chaos"),
)


@click.command()
@click.option("--seeds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--peers", type=click.IntRange(1), default=3, help="Seeds of the ordinary tests.")
@click.option("--cell", "cells", type=click.Choice(list(CELLS)), multiple=True, default=list(CELLS))
def main(seeds: int, peers: int, cells: Sequence[str]) -> None:
    """Prints a table for each cell, and each mistake that ours does not catch by the goal."""
    console = Console(width=140)
    for cell in cells:
        rows, alarms = scores(cell, seeds, peers), false_alarms(cell)
        table = Table(*COLUMNS, title=cell, title_justify="left")
        for row, catches in rows.items():
            table.add_row(*row, *Score(catches).columns, *alarms[row])
        console.print(table)
        missed = "\n".join(late(rows[OURS, ""], cell))
        click.echo(missed or f"{cell}: ours catches all by case {GOAL}")


if __name__ == "__main__":
    main()
