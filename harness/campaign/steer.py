"""Where the steered half of the cases is drawn: in that part of the space which gives the highest ratios.

A part is a regime, a nonlinearity and a dtype. Parts are chosen by Threshold Ascent (Streeter and Smith 2006, "A Simple
Distribution-Free Approach to the Max k-Armed Bandit Problem"), a bandit for the highest value instead of the mean. It sees how many of
the `TOP` highest ratios so far came from each part, and how many cases each part had. Tiny numbers are left to the blind half: where a
framework flushes subnormal numbers, their ratio is near 1 by construction.
"""

from collections.abc import Iterator, Mapping
from math import log, sqrt
from typing import Any

from harness.draw.limits import REGIMES, Limits

TOP = 100
LEFT_OUT = "tiny"
KEPT = 5  # highest ratios of a part in one shard
DOUBT = 0.01  # the probability, delta in the paper, that the bounds may fail


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

    def best(self) -> str:
        """The part to try now; the empty one while nothing is known."""
        if not self._top:
            return ""
        return max(self._bounds(), key=lambda pair: pair[0])[1]

    def _bounds(self) -> Iterator[tuple[float, str]]:
        """Upper bounds of the chance that a case of the part is among the highest (equation 4 of the paper)."""
        doubt = log(2 * max(1, sum(self._cases.values())) * len(self._cases) / DOUBT)
        for part, cases in self._cases.items():
            high = sum(1 for _, where in self._top if where == part)
            yield ((high + doubt + sqrt(2 * high * doubt + doubt**2)) / cases if cases else float("inf")), part
