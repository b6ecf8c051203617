"""Where the steered half of the cases is drawn: in that part of the space which gives the highest ratios.

A part is a regime, a nonlinearity and a dtype. Parts are chosen by Thompson sampling (Chapelle and Li 2011, "An Empirical Evaluation of
Thompson Sampling"), of the rate at which a part's cases are among the `TOP` highest ratios so far: a bandit for the highest value, as in
Streeter and Smith 2006, instead of the mean. Tiny numbers are left to the blind half: where a framework flushes subnormal numbers, their
ratio is near 1 by construction.
"""

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

from harness.draw.limits import REGIMES, Limits

TOP = 100
LEFT_OUT = "tiny"
KEPT = 5  # highest ratios of a part in one shard


def parts(allowed: Limits) -> list[str]:
    """Every part that these limits allow, but for tiny numbers, as `chaotic relu float32`."""
    kinds = list(dict.fromkeys(allowed.choices["nonlinearity"]))
    dtypes = list(dict.fromkeys(allowed.choices["dtype"]))
    regimes = [regime for regime in allowed.regimes if regime != LEFT_OUT]
    return [f"{regime} {kind} {dtype}" for regime in regimes for kind in kinds if kind in REGIMES[regime] for dtype in dtypes]


def narrowed(given: Mapping[str, Any], part: str) -> dict[str, Any]:
    """The limits of this part of what is given; all of it for the empty part."""
    regime, nonlinearity, dtype = part.split() if part else ("", "", "")
    return {**given, "nonlinearity": nonlinearity, "dtype": dtype, "regimes": (regime,)} if part else dict(given)


class Ratios:
    """What is known of each part."""

    def __init__(self, allowed: Limits) -> None:
        self._cases = dict.fromkeys(parts(allowed), 0)
        self._top: list[tuple[float, str]] = []

    def add(self, tables: Mapping[str, Any]) -> None:
        """One shard's tables."""
        for table in tables.values():
            for part, (cases, ratios) in table["parts"].items():
                if part in self._cases:
                    self._cases[part] += cases
                    self._top += [(ratio, part) for ratio in ratios if ratio > 0]
        self._top = sorted(self._top, reverse=True)[:TOP]

    def best(self, seed: str) -> str:
        """The part to try now, by lots that follow from the seed; the empty one while nothing is known."""
        if not self._top:
            return ""
        lots, high = random.Random(seed), Counter(part for _, part in self._top)
        rates = {part: lots.gammavariate(high[part] + 1, 1 / (cases + 1)) for part, cases in self._cases.items()}
        return max(rates, key=lambda part: rates[part])
