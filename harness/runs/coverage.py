"""Counts what an implementation was judged on, value by value, and learns what it refuses."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from harness.draw.limits import CHOICES, Limits
from harness.runs.values import Value, Values, values_to_judge
from references.case import ONLY

CASES = 20  # judged cases without which nothing is proved, or all where fewer are asked for
ENOUGH = 5  # judged cases of each value; one in SHARE of all where that is less
SHARE = 40
SURE = 5  # refusals of cases in which nothing else was refused, after which a value is left out
# Times as many cases of a value as are needed, after which it is given up: they cannot be decided.
VAIN = 4
# A value is blamed where its refusals would be less probable than this if they had other reasons.
DOUBT = 0.0001


class Knowledge(NamedTuple):
    """What the verdicts so far tell about each value."""

    judged: Counter[Value]
    # Values that were never accepted -> how many refusals nothing else explains.
    blamed: Mapping[Value, int]
    hopeless: Values  # those that are not worth a call
    scarce: Values  # those of which cases are to be looked for

    def refuses(self, value: Value, often: int = 1) -> bool:
        """Tells whether the value was always refused, and at least so often for no other reason.

        So was one that a refused cell alone has.
        """
        return _refusals(self.blamed, value) >= max(often, 1)


def _refusals(blamed: Mapping[Value, int], value: Value) -> int:
    """How many refusals only this value explains, or the one cell that has it."""
    name, content = value
    is_own = name in ONLY and content != CHOICES[name][0]
    return max(blamed.get(value, 0), blamed.get(("cell", ONLY[name]), 0) if is_own else 0)


class Coverage:
    """Adds up the verdicts on one implementation by the values of their cases, in any order."""

    def __init__(self, allowed: Limits, examples: int) -> None:
        self.values = values_to_judge(allowed)
        # Judged cases of each value; a run of few cases cannot hold all, but names those left out.
        self.need = min(ENOUGH, -(-examples // SHARE)) if examples >= CASES else 0
        self.sums: Counter[str] = Counter()  # of verdicts: judged, inconclusive, refused
        self._counts: dict[Values, Counter[str]] = {}

    def add(self, values: Values, kind: str) -> None:
        """Counts a verdict of this kind."""
        key = kind if kind in ("refused", "inconclusive") else "judged"
        self._counts.setdefault(values, Counter())[key] += 1
        self.sums[key] += 1

    @property
    def accepted(self) -> int:
        """The number of cases that were not refused."""
        return self.sums["judged"] + self.sums["inconclusive"]

    def knowledge(self) -> Knowledge:
        """Returns what follows from all verdicts so far."""
        judged, accepted = self._by_value("judged"), self._by_value("judged", "inconclusive")
        blamed = self._blame(accepted) if self.accepted else {}
        scarce = (
            value
            for value in self.values
            if judged[value] < self.need
            and accepted[value] < VAIN * self.need
            and _refusals(blamed, value) < self.need
        )
        hopeless = frozenset(value for value, alone in blamed.items() if alone >= SURE)
        return Knowledge(judged, blamed, hopeless, frozenset(scarce))

    def _by_value(self, *kinds: str) -> Counter[Value]:
        """Counts the verdicts of these kinds by value."""
        sums: Counter[Value] = Counter()
        for values, counts in self._counts.items():
            if count := sum(counts[kind] for kind in kinds):
                sums.update(dict.fromkeys(values, count))
        return sums

    def _blame(self, accepted: Counter[Value]) -> dict[Value, int]:
        """Returns few values that explain the refusals: see Knowledge.blamed.

        Takes the value that explains most of those left, again and again, of those that no case
        had which was accepted. What no single value explains is left out; how often it refuses
        decides how many refusals it takes to blame a value.
        """
        refusals = {values: n for values, one in self._counts.items() if (n := one["refused"])}
        left, blamed = dict(refusals), set()
        while left:
            explains: Counter[Value] = Counter()
            for values, count in left.items():
                explains.update({value: count for value in values if not accepted[value]})
            if not explains:
                break
            best = max(self._in_order(explains), key=explains.__getitem__)
            blamed.add(best)
            left = {values: count for values, count in left.items() if best not in values}
        others = sum(left.values())
        chance = (others + 1) / (others + self.accepted + 2)
        alone = {
            value: sum(n for values, n in refusals.items() if values & blamed == {value})
            for value in self._in_order(blamed)
        }
        return {value: count for value, count in alone.items() if chance**count < DOUBT}

    def _in_order(self, values: Iterable[Value]) -> Iterator[Value]:
        """Yields values in an order that follows from themselves alone."""
        order = {value: place for place, value in enumerate(self.values)}
        yield from sorted(values, key=lambda value: (order.get(value, len(order)), repr(value)))
