"""Measures how soon each mistake is caught, how often it is named, and false alarms. Takes minutes.

python -m tests.benchmarks.sight [--cell lstm]
"""

import itertools
import time

import click
import numpy as np

from harness import sample_cases
from harness.draw.limits import EXACT_REGIMES
from harness.judge.judge import judge
from harness.mistakes.catalogue import of_cells
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.mistake import combined, run
from references.cells import CELLS
from tests.benchmarks.detection import first_catch
from tests.mistakes.honest import HONEST
from tests.mistakes.honest_gated import HONEST as HONEST_GATED


def differs(case, implementation, **options):
    """Tells whether the implementation does not agree on the case."""
    return judge(case, implementation, **options).kind != "agrees"


def first_catches(title, cases):
    """Prints when the mistakes of these cases' cells are caught, and which are not."""
    mistakes = list(of_cells({case.config.cell for case in cases}))
    numbers = {mistake.name: first_catch(mistake, cases) for mistake in mistakes}
    caught = sorted((number, name) for name, number in numbers.items() if number is not None)
    missed = [name for name, number in numbers.items() if number is None]
    click.echo(
        f"{title}: {len(caught)} of {len(mistakes)} caught, "
        f"median case {np.median([number for number, _ in caught]):.0f}, "
        f"latest {caught[-3:]}; missed {missed}"
    )


class Names:
    """Counts how often diagnoses name what was planted."""

    def __init__(self):
        self.seconds, self.hits, self.total, self.groups, self.misses = [], 0, 0, 0, []

    def diagnose(self, case, implementation, mistakes):
        """Diagnoses a failure of planted mistakes and counts the outcome; its names."""
        start = time.perf_counter()
        names = diagnose(case, implementation).names
        self.seconds.append(time.perf_counter() - start)
        self.total += 1
        self.groups += len(names) > 1
        if any(set(name.split(" + ")) == mistakes or name in mistakes for name in names):
            self.hits += 1
        else:
            self.misses.append((sorted(mistakes), names))
        return names

    def echo(self, title, detail):
        """Prints the counts, and the first misses."""
        share = self.hits / max(self.total, 1)
        click.echo(
            f"{title}: named in {self.hits} of {self.total} ({share:.2%}), "
            f"{detail}; median {np.median(self.seconds):.3f} s, worst {max(self.seconds):.2f} s"
        )
        for miss in self.misses[:20]:
            click.echo(f"  not named {miss}")


def name_singles(configs, cell):
    """Diagnoses each mistake on so many different configs."""
    names = Names()
    for mistake in of_cells({cell}):
        keys = set()
        for case in sample_cases(2000, seed=31, cell=cell):
            if len(keys) == configs:
                break
            config = case.config
            key = (config.num_layers, config.bidirectional, config.nonlinearity, config.dtype)
            key += (case.mask is None,)
            if key in keys or not mistake.applies(case):
                continue
            implementation = mistake.plant()
            verdict = judge(case, implementation)
            if verdict.kind == "agrees":
                continue
            keys.add(key)
            names.diagnose(verdict.case, implementation, {mistake.name})
    names.echo("one mistake", f"{names.groups} in a group")


def name_pairs(count, cell):
    """Diagnoses so many pairs of mistakes, planted together."""
    pairs = list(itertools.combinations([one for one in of_cells({cell}) if not one.stateful], 2))
    rng = np.random.Generator(np.random.PCG64(0))
    names, covers = Names(), 0
    cases = list(sample_cases(300, seed=41, cell=cell))
    for index in rng.permutation(len(pairs)):
        if names.total == count:
            break
        one, other = pairs[index]
        edits = combined(one.edits, other.edits)
        if edits is None:
            continue

        def implementation(case, edits=edits):
            return run(case, edits)

        both = (case for case in cases if one.applies(case) and other.applies(case))
        failing = next((case for case in both if differs(case, implementation, calls=1)), None)
        if failing is not None:
            causes = names.diagnose(failing, implementation, {one.name, other.name})
            covers += any(" + " not in name for name in causes)
    if count:
        names.echo("two mistakes", f"{covers} as one that covers both")


def false_alarms(count, cell):
    """Counts the verdicts against right implementations that compute in other ways."""
    for name, implementation in {"rnn": HONEST, **HONEST_GATED}[cell].items():
        start = time.perf_counter()
        verdicts = (
            judge(case, implementation, name, calls=1)
            for case in sample_cases(count, seed=21, cell=cell)
        )
        alarms = [verdict for verdict in verdicts if verdict.kind != "agrees"]
        seconds = time.perf_counter() - start
        click.echo(f"honest: {name}: {len(alarms)} of {count} do not agree, {seconds:.0f} s")
        for verdict in alarms[:1]:
            click.echo(str(verdict))


@click.command()
@click.option("--cases", type=click.IntRange(1), default=200, show_default=True)
@click.option("--configs", type=click.IntRange(1), default=20, help="Configs for each mistake.")
@click.option("--pairs", type=click.IntRange(0), default=300, show_default=True)
@click.option("--honest", type=click.IntRange(0), default=2000, help="Cases for each of them.")
@click.option("--cell", type=click.Choice(list(CELLS)), default="rnn", show_default=True)
def main(cases, configs, pairs, honest, cell):
    """Prints everything."""
    first_catches("the default cases", list(sample_cases(cases, cell=cell)))
    exact = list(sample_cases(cases, regimes=EXACT_REGIMES, cell=cell))
    first_catches("exact cases alone", exact)
    name_singles(configs, cell)
    name_pairs(pairs, cell)
    false_alarms(honest, cell)


if __name__ == "__main__":
    main()
