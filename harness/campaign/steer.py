"""Chooses the limits for the steered half of the cases: those that give the highest ratios.

For each feature a value is chosen by Thompson sampling (Chapelle and Li 2011, "An Empirical
Evaluation of Thompson Sampling") of the rate at which its cases are among the `TOP` highest ratios
so far. That is a bandit for the highest value, as in Streeter and Smith 2006, not for the mean.
Each feature has a bandit of its own, which learns from every case. Tiny numbers are left to the
blind half: where a framework flushes subnormal numbers, their ratio is near 1 by construction.
"""

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

from harness.draw.features import limits_by_class
from harness.draw.limits import REGIMES, Limits

FEATURES = ("nonlinearity", "regime", "dtype", "num_layers", "hidden_size", "input_size")
TOP = 100
TINY = "tiny"


class Ratios:
    """How often each feature's values were drawn, and how often they gave one of the top ratios."""

    def __init__(self, allowed: Limits) -> None:
        self._values, self._has_rnn = limits_by_class(allowed), "rnn" in allowed.choices["cell"]
        self._values["regime"].pop(TINY, None)
        self._cases: Counter[str] = Counter()
        self._top: list[tuple[float, tuple[str, ...]]] = []

    def add(self, tables: Mapping[str, Any]) -> None:
        """Adds one shard's tables."""
        for table in tables.values():
            self._cases.update(table["drawn"])
            self._top += [(ratio, tuple(values)) for ratio, values in table["top"]]
        self._top = sorted(self._top, reverse=True)[:TOP]

    def best(self, seed: str) -> dict[str, Any]:
        """Returns limits to draw within, by lots that follow from the seed; none without data."""
        if not self._top:
            return {}
        lots = random.Random(seed)
        choice: dict[str, str] = {}
        for position, feature in enumerate(FEATURES):
            high = Counter(values[position] for _, values in self._top)
            rates = {
                value: lots.gammavariate(
                    high[value] + 1, 1 / (self._cases[f"{feature} {value}"] + 1)
                )
                for value in self._values[feature]
                if feature != "regime" or self._has(value, choice["nonlinearity"])
            }
            if rates:
                choice[feature] = max(rates, key=lambda value: rates[value])
        limits = {feature: self._values[feature][value] for feature, value in choice.items()}
        return limits | {"regimes": [limits.pop("regime")]} if "regime" in limits else limits

    def _has(self, regime: str, nonlinearity: str) -> bool:
        """Tells whether the regime exists for an rnn's nonlinearity, where one is drawn."""
        return not self._has_rnn or nonlinearity in REGIMES[regime]
