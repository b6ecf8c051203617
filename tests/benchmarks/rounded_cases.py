"""Judges an implementation on rounded cases, and sums up by regime: a false alarm would show.

    python -m tests.benchmarks.rounded_cases torch --cell lstm [--count 20000]

Long and large cases, T to 400 and H to 128, of regimes in which arithmetic rounds; the chaotic one
has gains to 4. Takes about ten minutes for 20,000 cases on one core.
"""

from itertools import count as numbers

import click

from harness.draw.generate import cases_at, choices_at
from harness.draw.limits import EXACT_REGIMES, REGIMES, limits
from harness.judge.judge import judge
from harness.runs.summary import Summary
from references import load
from references.cells import CELLS

SIZES = {"time": (1, 400), "hidden_size": (1, 128)}
BLOCK = 100


@click.command()
@click.argument("name")
@click.option("--cell", type=click.Choice(tuple(CELLS)), default="rnn")
@click.option("--count", default=20_000, help="Judge so many cases that are not refused.")
@click.option("--seed", default=1)
def main(name, cell, count, seed):
    run = load(name)
    kind = "tanh" if cell == "rnn" else cell
    regimes = tuple(name for name in REGIMES if kind in REGIMES[name] and name not in EXACT_REGIMES)
    allowed = limits(cell=cell, regimes=regimes, **SIZES)
    sums, judged = {}, 0
    for start in numbers(0, BLOCK):
        for index, case in zip(
            numbers(start), cases_at(range(start, start + BLOCK), seed, allowed)
        ):
            verdict = judge(case, run, name, calls=1)
            regime = choices_at(index, seed, allowed)[1].regime
            sums.setdefault(regime, Summary(regime)).add(verdict)
            judged += verdict.kind != "refused"
            if verdict.kind in ("differs", "crashed"):
                print(verdict, flush=True)
            if judged == count:
                for one in sums.values():
                    print(
                        f"{one.name:12} {dict(one.counts)}  {one.outputs:,} outputs, "
                        f"{one.undecided:,} undecided, worst ratio {one.worst_ratio:.3f}"
                    )
                return


if __name__ == "__main__":
    main()
