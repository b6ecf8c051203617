"""Pairwise coverage of the space of cases: which values of two features stood together in a case.

The name for it elsewhere is pairwise or 2-wise testing.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

from harness.draw.features import limits_by_class
from harness.draw.limits import Limits
from harness.judge.verdict import Verdict
from references.case import Config

Pair = tuple[str, str]
KIND = ("cell", "nonlinearity", "regime", "reset_after")  # sorted: not all of these go together


class Coverage:
    """The pairs in the cases that each implementation computed, and in those that it refused."""

    def __init__(self, names: Iterable[str], allowed: Limits) -> None:
        self._possible = possible(allowed)
        self._pairs: dict[str, tuple[set[Pair], set[Pair]]] = {n: (set(), set()) for n in names}

    def add(self, verdict: Verdict, features: Mapping[str, str]) -> None:
        """Counts one verdict, on a case of these features."""
        values = [f"{name}={features[name]}" for name in sorted(features)]
        refused = verdict.kind == "refused"
        self._pairs[verdict.implementation][refused].update(combinations(values, 2))

    def bits(self) -> dict[str, list[str]]:
        """Returns the computed and the refused pairs by implementation.

        Each is a hexadecimal number with a bit for each pair in `possible`.
        """
        return {name: [*map(self._bits, pairs)] for name, pairs in self._pairs.items()}

    def _bits(self, pairs: set[Pair]) -> str:
        return f"{int(''.join('01'[pair in pairs] for pair in self._possible) or '0', 2):x}"


def possible(allowed: Limits) -> list[Pair]:
    """Lists every pair of values that these limits allow, in a fixed order.

    One of them is ("nonlinearity=tanh", "regime=ternary").
    """
    values, together = limits_by_class(allowed), _of_kinds(allowed)
    return [
        (f"{one}={first}", f"{other}={second}")
        for one, other in combinations(sorted(values), 2)
        for first in values[one]
        for second in values[other]
        if not {one, other} <= {*KIND} or (f"{one}={first}", f"{other}={second}") in together
    ]


def _of_kinds(allowed: Limits) -> set[Pair]:
    """Returns the pairs of KIND that some cell within these limits can have."""
    pairs: set[Pair] = set()
    for kind in allowed.kinds:
        config = Config(1, 1, **kind)
        for regime in allowed.regimes_for(config):
            values = {name: getattr(config, name, regime) for name in KIND}
            pairs.update(combinations([f"{name}={values[name]}" for name in KIND], 2))
    return pairs
