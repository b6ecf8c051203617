"""Coverage of the space of cases, pairwise: which values of two features stood together in a case, judged or refused."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from harness.draw.features import limits_by_class
from harness.draw.limits import REGIMES, Limits
from harness.judge.verdict import Verdict

Pair = tuple[str, str]


class Coverage:
    """The pairs that each implementation has met."""

    def __init__(self, names: Iterable[str], allowed: Limits) -> None:
        self._pairs = possible(allowed)
        self._judged: dict[str, set[Pair]] = {name: set() for name in names}
        self._refused: dict[str, set[Pair]] = {name: set() for name in self._judged}

    def add(self, verdict: Verdict, found: Mapping[str, str]) -> None:
        """Counts one verdict, on a case of these features."""
        met = self._refused if verdict.kind == "refused" else self._judged
        met[verdict.implementation].update(_pairs_of(found))

    def bits(self) -> dict[str, list[str]]:
        """By implementation: the judged and the refused pairs, as hexadecimal numbers with a bit for each pair in `possible`."""
        return {
            name: [self._bits(self._judged[name]), self._bits(self._refused[name])]
            for name in self._judged
        }

    def _bits(self, met: set[Pair]) -> str:
        return f"{int(''.join('01'[pair in met] for pair in self._pairs) or '0', 2):x}"


def possible(allowed: Limits) -> list[Pair]:
    """Every pair of values that these limits allow, in a fixed order: `nonlinearity=tanh` beside `regime=ternary`."""
    values = limits_by_class(allowed)
    return [
        (f"{one}={first}", f"{other}={second}")
        for one, other in combinations(sorted(values), 2)
        for first in values[one]
        for second in values[other]
        if (one, other) != ("nonlinearity", "regime") or first in REGIMES[second]
    ]


def _pairs_of(found: Mapping[str, str]) -> Iterator[Pair]:
    return (
        (f"{one}={found[one]}", f"{other}={found[other]}")
        for one, other in combinations(sorted(found), 2)
    )
