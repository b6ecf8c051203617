"""Judges the variants at length.

    python -m tests.benchmarks.variants named|pairs|exact torch|keras CASES [CELL ...]

named: every named variant on CASES sampled cases of these cells, of an rnn unless named.
exact: the same on larger exact cases.
pairs: every two options on CASES cases, a tenth of that where they compile.
"""

import sys
import time
import warnings
from collections import Counter
from importlib import import_module

import click

from harness import sample_cases
from harness.judge.judge import judge
from harness.runs.ledger import known_difference
from references import load, module, variants
from references.cells import CELLS
from tests.references.combinations import SMALL, computable, pairs

FAILURES = ("differs", "crashed", "inconclusive")
# One size, so that Keras' networks are made once for each config; shapes vary in time and batch.
SIZES = {"time": (1, 8), "batch": (1, 3), "input_size": 3, "hidden_size": 4}
EXACT = {
    "time": (1, 12),
    "batch": (1, 4),
    "input_size": 8,
    "hidden_size": 32,
    "regimes": ("ternary", "mantissa"),
}


def by_config(case):
    """The order in which the fewest networks are built."""
    return repr(case.config), case.mask is None, case.masked_output, case.time


def named(framework, count, **limits):
    """Prints a line for each variant."""
    cases = sorted(sample_cases(count, **(SIZES | limits)), key=by_config)
    for name in (framework, *variants(framework)):
        start = time.perf_counter()
        kinds, ids, reasons, exact = Counter(), Counter(), Counter(), Counter()
        outputs, worst, news = 0, 0.0, []
        for case in cases:
            verdict = judge(case, load(name), name, calls=1)
            entry = known_difference(verdict)
            kind = "known" if entry else verdict.kind
            kinds[kind] += 1
            exact[kind] += verdict.exact
            if entry:
                ids[entry.id] += 1
            elif kind == "agrees":
                outputs, worst = outputs + verdict.outputs, max(worst, verdict.worst_ratio)
            elif kind == "refused":
                reasons[verdict.reason] += 1
            else:
                news.append(verdict)
        print(
            f"{name} {dict(kinds)} outputs {outputs:,} equal {exact['agrees']:,} "
            f"(and {exact['known']:,} had to be equal where a known difference applied) "
            f"worst {worst:.3f} {time.perf_counter() - start:.0f} s"
        )
        print("   known", dict(ids))
        print("   refused", dict(reasons))
        print(*news[:3], sep="\n", end="\n" if news else "", flush=True)


class Pairs:
    """Judges pairs of options and adds up the verdicts."""

    def __init__(self, framework, limits):
        self.options = import_module(f"references.{framework}_rnn.options")
        self.values = import_module(f"tests.references.{framework}_rnn.values").VALUES
        self.write = module(framework).variants.compute
        self.faults = import_module(f"tests.references.{framework}_rnn.faults").faults
        self.sizes = (SIZES if framework == "keras" else SMALL) | limits
        self.kinds, self.ids, self.outputs, self.exact, self.worst = Counter(), Counter(), 0, 0, 0.0

    def judge_all(self, index, choice, count):
        """Judges the pair on `count` cases; prints what is not foretold, or why it has no case."""
        options = self.options.Options(**choice)
        # A network that is compiled costs a hundred eager calls.
        if choice.get("saved") or choice.get("call", "eager") != "eager":
            count = 1 + count // 10
        cases, reasons = computable(
            self.options.refuse, options, count, seed=index // 40, **self.sizes
        )
        self.kinds["pairs that compute" if cases else "pairs that exclude each other"] += 1
        if not cases:
            common = "; ".join(reason for reason, _ in reasons.most_common(2))
            print("cannot be combined:", choice, "|", common)
        for case in sorted(cases, key=by_config):
            self.judge(case, choice, self.faults(case, options))

    def judge(self, case, choice, foretold):
        """Judges one case; `foretold` are the ids of the known differences that apply."""
        verdict = judge(case, lambda case: self.write(case, **choice), "it", calls=1)
        if foretold and verdict.kind in FAILURES:
            self.kinds["known"] += 1
            self.ids.update(foretold)
            return
        self.kinds[verdict.kind] += 1
        if verdict.kind == "agrees":
            self.outputs, self.exact = self.outputs + verdict.outputs, self.exact + verdict.exact
            self.worst = max(self.worst, verdict.worst_ratio)
        elif verdict.kind != "refused" and not verdict.reason.startswith("the bound of"):
            print("NEWS", choice, foretold, verdict)


def combined(framework, count, **limits):
    """Judges every pair of options."""
    state = Pairs(framework, limits)
    for index, choice in enumerate(pairs(state.values)):
        state.judge_all(index, choice, count)
        sys.stdout.flush()
    print(
        f"{framework} {dict(state.kinds)} outputs {state.outputs:,} equal {state.exact:,} "
        f"worst {state.worst:.3f} known {dict(state.ids)}"
    )


@click.command()
@click.argument("mode", type=click.Choice(("named", "exact", "pairs")))
@click.argument("framework", type=click.Choice(("torch", "keras")))
@click.argument("cases", type=click.IntRange(1))
@click.argument("cells", type=click.Choice(tuple(CELLS)), nargs=-1)
def main(mode, framework, cases, cells):
    warnings.simplefilter("ignore")
    limits = {"cell": cells} if cells else {}
    load("torch")  # before TensorFlow
    if mode == "pairs":
        combined(framework, cases, **limits)
    else:
        named(framework, cases, **(EXACT if mode == "exact" else {}), **limits)


if __name__ == "__main__":
    main()
