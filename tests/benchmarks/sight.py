"""The deep run on mistakes: how soon each is caught, how often it is named, and how many honest implementations raise an alarm.

python -m tests.benchmarks.sight
"""

import itertools
import time

import click
import numpy as np

from harness import sample_cases
from harness.draw.limits import EXACT_REGIMES
from harness.judge.judge import judge
from harness.mistakes.catalogue import MISTAKES
from harness.mistakes.diagnosis import diagnose
from harness.mistakes.mistake import combined, run
from tests.mistakes.honest import HONEST


def caught_at(mistake, cases):
    """The index of the first case on which the planted mistake does not agree, or None."""
    implementation = mistake.plant()
    for index, case in enumerate(cases):
        if judge(case, implementation, calls=1 + (index % 8 == 0)).kind != "agrees":
            return index
    return None


@click.command()
@click.option(
    "--configs",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Configs tried for each mistake.",
)
@click.option("--pairs", type=click.IntRange(0), default=300, show_default=True)
@click.option(
    "--honest",
    type=click.IntRange(0),
    default=2000,
    show_default=True,
    help="Cases for each honest implementation.",
)
def main(configs, pairs, honest):
    first_catches("the default cases", list(sample_cases(200)))
    first_catches("exact cases alone", list(sample_cases(200, regimes=EXACT_REGIMES)))
    name_singles(configs)
    name_pairs(pairs)
    for name, implementation in HONEST.items():
        start = time.perf_counter()
        wrong = [
            v
            for v in (
                judge(case, implementation, name, calls=1) for case in sample_cases(honest, seed=21)
            )
            if v.kind != "agrees"
        ]
        click.echo(
            f"honest: {name}: {len(wrong)} of {honest} not agreeing, {time.perf_counter() - start:.0f} s"
        )
        for verdict in wrong[:1]:
            click.echo(str(verdict))


def first_catches(what, cases):
    indices = {mistake.name: caught_at(mistake, cases) for mistake in MISTAKES}
    found = [index for index in indices.values() if index is not None]
    never = [name for name, index in indices.items() if index is None]
    late = sorted((index, name) for name, index in indices.items() if index is not None)[-3:]
    click.echo(
        f"{what}: {len(found)} of {len(MISTAKES)} caught, median index {np.median(found):.0f}, latest {late}; never {never}"
    )


def name_singles(configs):
    named, tried, groups, seconds, missed = 0, 0, 0, [], []
    for mistake in MISTAKES:
        seen = set()
        for case in sample_cases(2000, seed=31):
            if len(seen) == configs:
                break
            key = (
                case.config.num_layers,
                case.config.bidirectional,
                case.config.nonlinearity,
                case.config.dtype,
                case.mask is None,
            )
            implementation = mistake.plant()
            if (
                key in seen
                or not mistake.applies(case)
                or (verdict := judge(case, implementation)).kind == "agrees"
            ):
                continue
            seen.add(key)
            start = time.perf_counter()
            found = diagnose(verdict.case, implementation)
            seconds.append(time.perf_counter() - start)
            tried += 1
            named += mistake.name in found.names
            groups += len(found.names) > 1
            if mistake.name not in found.names:
                missed.append((mistake.name, key, found.names))
    click.echo(
        f"one mistake: named in {named} of {tried} ({named / tried:.2%}), {groups} in a group; median {np.median(seconds):.3f} s"
    )
    for miss in missed[:20]:
        click.echo(f"  missed {miss}")


def name_pairs(count):
    plain = [mistake for mistake in MISTAKES if not mistake.stateful]
    pairs = list(itertools.combinations(plain, 2))
    rng = np.random.Generator(np.random.PCG64(0))
    named, tried, single, seconds, missed = 0, 0, 0, [], []
    cases = list(sample_cases(300, seed=41))
    for index in rng.permutation(len(pairs)):
        if tried == count:
            break
        one, other = pairs[index]
        edits = combined(one.edits, other.edits)
        both = [case for case in cases if one.applies(case) and other.applies(case)]
        if edits is None or not both:
            continue

        def implementation(case, edits=edits):
            return run(case, edits)

        failing = next(
            (case for case in both if judge(case, implementation, calls=1).kind != "agrees"), None
        )
        if failing is None:
            continue
        start = time.perf_counter()
        names = diagnose(failing, implementation).names
        seconds.append(time.perf_counter() - start)
        tried += 1
        single += any(" + " not in name for name in names)
        hit = any(
            {one.name, other.name} == set(name.split(" + ")) or name in (one.name, other.name)
            for name in names
        )
        named += hit
        if not hit:
            missed.append((one.name, other.name, names))
    click.echo(
        f"two mistakes: named in {named} of {tried} ({named / max(tried, 1):.2%}), of these {single} as one that covers both; "
        f"median {np.median(seconds):.2f} s, worst {max(seconds):.2f} s"
    )
    for miss in missed[:20]:
        click.echo(f"  missed {miss}")


if __name__ == "__main__":
    main()
