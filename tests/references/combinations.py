"""Two options of a framework at a time, and cases that they can compute."""

import itertools
from collections import Counter
from dataclasses import replace
from functools import lru_cache

import numpy as np

from harness import sample_cases
from references import Unsupported

SMALL = {"time": (1, 6), "batch": (1, 3), "input_size": (1, 4), "hidden_size": (1, 5)}
MASKS = ("left", "right", "right", "middle", "rows", "random", "first", "whole")


def pairs(values):
    """Every option alone, then every two values of two options, as keyword arguments; the first
    value of each is the default.
    """
    singles = [{name: value} for name, choices in values.items() for value in choices[1:]]
    return [
        {},
        *singles,
        *({**a, **b} for a, b in itertools.combinations(singles, 2) if a.keys() != b.keys()),
    ]


@lru_cache(maxsize=4)
def drawn(count, seed, limits):
    """`count` small cases, every second one masked."""
    plain = sample_cases(count, seed, masks=False, **(SMALL | dict(limits)))
    return [
        masked(case, MASKS[index // 2 % len(MASKS)], index) if index % 2 else case
        for index, case in enumerate(plain)
    ]


def computable(refuse, options, count, seed=0, **limits):
    """`count` cases that are not refused, half of them masked, and the reasons of the refusals.

    After 400 and some cases two options are taken to exclude each other, or to have no more cases.
    """
    found, reasons = [], Counter()
    for case in drawn(400 + 12 * count, seed, tuple(limits.items())):
        try:
            refuse(case, options)
        except Unsupported as refusal:
            reasons[str(refusal)] += 1
            continue
        found.append(case)
        if len(found) == count:
            break
    return found, reasons


def masked(case, kind, seed):
    """The case with a mask of this kind and either kind of masked output; "first" masks the first
    step of rows, "whole" all of them.
    """
    rng = np.random.default_rng(seed)
    steps, ends = np.arange(case.time), rng.integers(0, case.time + 1, (case.batch, 1))
    starts = rng.integers(0, case.time + 1, (case.batch, 1))
    mask = {
        "left": steps >= ends,
        "right": steps <= np.minimum(ends, case.time - 1),
        "middle": (steps < np.minimum(starts, ends)) | (steps >= np.maximum(starts, ends)),
        "rows": np.broadcast_to(ends % 2 == 0, (case.batch, case.time)),
        "random": rng.integers(0, 2, (case.batch, case.time)) > 0,
        "first": np.broadcast_to(steps > 0, (case.batch, case.time)),
        "whole": np.zeros((case.batch, case.time), bool),
    }[kind]
    return replace(
        case, mask=np.array(mask), masked_output=("repeat", "zero")[seed // 2 % 2], origin=""
    )


def assert_right(verdict, foretold=()):
    """The verdict agrees, or a known difference foretold another.

    Bounds too wide are no proof against it, a refusal none for it.
    """
    kinds = ("agrees", "differs", "crashed", "inconclusive") if foretold else ("agrees",)
    too_wide = verdict.kind == "inconclusive" and verdict.reason.startswith("the bound of")
    assert verdict.kind in kinds or too_wide, f"foretold {list(foretold) or 'nothing'}\n{verdict}"
