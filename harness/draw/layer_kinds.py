"""Chooses the few kinds of layers of a run, for what prepares each once for arrays of all sizes.

So does `keras/graph`, which traces a kind in a fifth of a second. A limit `layer_kinds=20` lets
sizes, numbers of layers and all numbers of the cases differ, but few of these kinds.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from typing import Any, NamedTuple

from references.case import Config

OF_CELL = ("cell", "nonlinearity", "reset_after", "bidirectional")
FIELDS = (*OF_CELL, "bias", "go_backwards", "dtype")  # of Config; the others are sizes
# What it counts that a value is kept: those on which regimes and aims depend before all others,
# then rare ones, about as often as they are drawn once. Of any other value it is 1.
WEIGHTS: dict[str, dict[Any, int]] = {
    "bias": {False: 4},
    "go_backwards": {True: 6},
    "dtype": {"float64": 2},
    "masked_output": {"repeat": 7, "zero": 15},
}
FIRST = 1000


class LayerKind(NamedTuple):
    """All of a layer but its sizes and numbers."""

    config: Config  # with one layer of size 1
    masked_output: str  # "" without a mask

    def family(self) -> "list[LayerKind]":
        """The kinds of a stack with this one at the bottom: those above go forwards."""
        above = self._replace(config=replace(self.config, go_backwards=False))
        return [self, above]

    def features(self) -> dict[str, Any]:
        """The values that decide the kind, by name."""
        values = {name: getattr(self.config, name) for name in FIELDS}
        return {**values, "masked_output": self.masked_output}

    @property
    def pairs(self) -> frozenset[Any]:
        """Any two of these values, each with its name."""
        return frozenset(combinations(self.features().items(), 2))

    def layers(self, config: Config) -> Config:
        """This Config with layers of this kind."""
        return replace(config, **{name: getattr(self.config, name) for name in FIELDS})


PLAIN = LayerKind(Config(1, 1), "")


@lru_cache(maxsize=1 << 12)
def nearest(kinds: tuple[LayerKind, ...], own: LayerKind) -> LayerKind:
    """Returns which of the kinds keeps most values of `own`, the first of equals."""
    values = own.features()

    def likeness(kind: LayerKind) -> int:
        others = kind.features()
        return sum(_weight(name, values[name]) for name in values if values[name] == others[name])

    return max(kinds, key=likeness)


def _weight(name: str, value: Any) -> int:
    return FIRST if name in OF_CELL else WEIGHTS[name].get(value, 1)


def few(pool: Iterable[LayerKind], count: int) -> tuple[LayerKind, ...]:
    """At most `count` kinds of the pool, and of their families: of each all of them.

    First comes for each value the plainest kind that has it: what refuses the value, refuses that
    for no other reason. Then comes, again and again, the kind in which most pairs of values meet
    that met in none before; of equals the first, which is the more frequent.
    """
    kinds = list(dict.fromkeys(pool))
    values = dict.fromkeys(value for kind in kinds for value in kind.features().items())
    result: dict[LayerKind, None] = {}

    def add(kind: LayerKind) -> None:
        family = dict.fromkeys(kind.family())
        if len(result | family) <= count:
            result.update(family)

    for value in values:
        own = (kind for kind in kinds if value in kind.features().items())
        add(min(own, key=_unlike_plain))
    while kinds and len(result) < count:
        old = _pairs(result)
        best = max(kinds, key=lambda kind: len(_pairs(kind.family()) - old))
        kinds.remove(best)
        add(best)
    return tuple(result)


def _pairs(kinds: Iterable[LayerKind]) -> frozenset[Any]:
    return frozenset().union(*(kind.pairs for kind in kinds))


def _unlike_plain(kind: LayerKind) -> int:
    return len(kind.features().items() - PLAIN.features().items())
