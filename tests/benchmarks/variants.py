"""Deep runs over the variants: python -m tests.benchmarks.variants named|pairs|exact torch|keras CASES.

named: every named variant on CASES sampled cases. exact: the same on exact cases, of a larger size.
pairs: every two options on CASES cases, a tenth of that where they compile.
"""

import sys
import time
import warnings
from collections import Counter

from harness import sample_cases
from harness.judge.judge import judge
from harness.runs.ledger import known
from references import load, module, variants
from tests.references.combinations import SMALL, computable, pairs

# One size, so that Keras' networks are made once for each config; shapes vary in time and batch.
SIZES = {"time": (1, 8), "batch": (1, 3), "input_size": 3, "hidden_size": 4}
EXACT = {
    "time": (1, 12),
    "batch": (1, 4),
    "input_size": 8,
    "hidden_size": 32,
    "regimes": ("ternary", "mantissa"),
}


def named(framework, cases, **limits):
    """A line for each variant."""
    drawn = sorted(
        sample_cases(cases, **(SIZES | limits)),
        key=lambda case: (repr(case.config), case.mask is None, case.masked_output, case.time),
    )
    for name in (framework, *variants(framework)):
        start = time.perf_counter()
        verdicts = [judge(case, load(name), name, calls=1) for case in drawn]
        entries = [known(verdict) for verdict in verdicts]
        kinds = Counter(
            "known" if entry else verdict.kind
            for verdict, entry in zip(verdicts, entries, strict=True)
        )
        agreed = [verdict for verdict in verdicts if verdict.kind == "agrees"]
        known_exact = sum(v.exact for v, entry in zip(verdicts, entries, strict=True) if entry)
        print(
            f"{name} {dict(kinds)} outputs {sum(v.outputs for v in agreed):,} equal {sum(v.exact for v in agreed):,} "
            f"(and {known_exact:,} had to be equal where a known difference was met) "
            f"worst {max((v.worst_ratio for v in agreed), default=0):.3f} {time.perf_counter() - start:.0f} s"
        )
        print("   known", dict(Counter(entry.id for entry in entries if entry)))
        print("   refused", dict(Counter(v.reason for v in verdicts if v.kind == "refused")))
        for verdict in [
            v
            for v, e in zip(verdicts, entries, strict=True)
            if not e and v.kind in ("differs", "crashed", "inconclusive")
        ][:3]:
            print(verdict)
        sys.stdout.flush()


def combined(framework, cases):
    """Every pair of options; prints what is not foretold, and what cannot be combined."""
    options_module = __import__(f"references.{framework}_rnn.options", fromlist=["Options"])
    written = module(framework).variants.written
    faults = (
        __import__("tests.references.keras_rnn.faults", fromlist=["faults"]).faults
        if framework == "keras"
        else torch_faults
    )
    kinds, outputs, exact, worst, met = Counter(), 0, 0, 0.0, Counter()
    for index, chosen in enumerate(pairs(options_module.VALUES)):
        options = options_module.Options(**chosen)
        compiled = (
            chosen.get("saved") or chosen.get("call", "eager") != "eager"
        )  # a network that is compiled costs a hundred eager calls
        found, reasons = computable(
            options_module.refuse,
            options,
            1 + cases // 10 if compiled else cases,
            seed=index // 40,
            **(SIZES if framework == "keras" else SMALL),
        )
        kinds["pairs that compute" if found else "pairs that exclude each other"] += 1
        if not found:
            print(
                "cannot be combined:",
                chosen,
                "|",
                "; ".join(reason for reason, _ in reasons.most_common(2)),
            )
        for case in sorted(
            found,
            key=lambda case: (repr(case.config), case.mask is None, case.masked_output, case.time),
        ):
            verdict = judge(
                case, lambda given, chosen=chosen: written(given, **chosen), "it", calls=1
            )
            foretold = faults(case, options)
            if foretold and verdict.kind in ("differs", "crashed", "inconclusive"):
                kinds["known"] += 1
                met.update(foretold)
                continue
            kinds[verdict.kind] += 1
            if verdict.kind not in ("agrees", "refused") and not verdict.reason.startswith(
                "the bound of"
            ):
                print("NEWS", chosen, foretold, verdict)
            elif verdict.kind == "agrees":
                outputs, exact, worst = (
                    outputs + verdict.outputs,
                    exact + verdict.exact,
                    max(worst, verdict.worst_ratio),
                )
        sys.stdout.flush()
    print(
        f"{framework} {dict(kinds)} outputs {outputs:,} equal {exact:,} worst {worst:.3f} met {dict(met)}"
    )


def torch_faults(case, options):
    """Torch has one known difference."""
    return {"torch-positional-dtype"} if options.module == "all positional" else set()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    mode, framework, cases = sys.argv[1], sys.argv[2], int(sys.argv[3])
    load("torch")  # before TensorFlow
    if mode == "pairs":
        combined(framework, cases)
    else:
        named(
            framework,
            cases,
            **(EXACT | {"nonlinearity": ("tanh", "relu", "linear")} if mode == "exact" else {}),
        )
