"""Where the steered half of the cases is drawn: within such limits as give the highest ratios.

For each feature a value is chosen by Thompson sampling (Chapelle and Li 2011, "An Empirical Evaluation of Thompson Sampling") of the rate
at which its cases are among the `TOP` highest ratios so far: a bandit for the highest value, as in Streeter and Smith 2006, instead of the
mean. Each feature has a bandit of its own, which learns from every case. Tiny numbers are left to the blind half: where a framework
flushes subnormal numbers, their ratio is near 1 by construction.
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
    """What is known of each feature's values."""

    def __init__(self, allowed: Limits) -> None:
        self._values = limits_by_class(allowed)
        self._values["regime"].pop(TINY, None)
        self._drawn: Counter[str] = Counter()
        self._top: list[tuple[float, tuple[str, ...]]] = []

    def add(self, tables: Mapping[str, Any]) -> None:
        """One shard's tables."""
        for table in tables.values():
            self._drawn.update(table["drawn"])
            self._top += [(ratio, tuple(values)) for ratio, values in table["top"]]
        self._top = sorted(self._top, reverse=True)[:TOP]

    def best(self, seed: str) -> dict[str, Any]:
        """Limits to draw within now, by lots that follow from the seed; none while nothing is known."""
        if not self._top:
            return {}
        lots = random.Random(seed)
        chosen: dict[str, str] = {}
        for position, feature in enumerate(FEATURES):
            high = Counter(values[position] for _, values in self._top)
            rates = {
                value: lots.gammavariate(
                    high[value] + 1, 1 / (self._drawn[f"{feature} {value}"] + 1)
                )
                for value in self._values[feature]
                if feature != "regime" or chosen["nonlinearity"] in REGIMES[value]
            }
            chosen[feature] = max(rates, key=lambda value: rates[value], default="")
        limits = {
            feature: self._values[feature][value] for feature, value in chosen.items() if value
        }
        return limits | {"regimes": [limits.pop("regime")]} if "regime" in limits else limits
