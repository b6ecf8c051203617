"""Chooses the few shapes of a run, for an implementation that compiles each of them anew.

JAX, XLA and torch.compile trace a function once for each compilation key, which takes a second, and
then run it. So a limit `shapes=24` lets the numbers of all cases differ, but few of their shapes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from references.case import Config

# Of sizes: one, less than a vector, a vector or two, more.
CLASSES = ((1, 1), (2, 7), (8, 16), (17, 1 << 30))
# Features that have to meet, for what is mixed up between layers shows nowhere else.
GROUPS = (("inputs are outputs", "num_layers"), ("bidirectional", "has_mask", "num_layers"))
# What a pair counts that one shape of the pool has; of n shapes an n-th, in whole numbers, which no
# machine adds up otherwise. A group counts as ten.
RARE = 1 << 20


class Shape(NamedTuple):
    """A compilation key: all of a case that a tracing compiler may take for a constant.

    These are the shapes of all arrays, from T, B, I, H, layers, directions and the cell's gates;
    their dtype; whether there is a mask; and what is no array, so that a trace decides by it: cell,
    nonlinearity, reset_after, bias, go_backwards and masked_output. The rest of a case are numbers:
    weights, inputs, initial states (zeros or not) and the mask's own.
    """

    config: Config
    time: int
    batch: int
    has_mask: bool
    masked_output: Any

    def lowest(self) -> "list[Shape]":
        """All shapes with which an implementation may be called that gives no `layers`.

        They are the case cut to its lowest layers, and the case itself.
        """
        counts = range(1, self.config.num_layers + 1)
        return [self._replace(config=replace(self.config, num_layers=count)) for count in counts]


def choose(pool: Iterable[Shape], count: int) -> tuple[Shape, ...]:
    """Chooses at most `count` shapes, of the pool and of their lowest layers: of each all of them.

    What comes next adds most for each shape that it costs, the earliest of equals: groups of
    features in GROUPS, then pairs, rare ones above all. Where all are there, it is the next one.
    """
    families = [tuple(shape.lowest()) for shape in dict.fromkeys(pool)]
    pairs, is_group = _pairs(families)
    weights = np.where(is_group, 10 * RARE, RARE // pairs.sum(axis=0))
    result: dict[Shape, None] = {}
    while families:
        costs = np.array([sum(each not in result for each in shapes) for shapes in families])
        gains = np.where(len(result) + costs <= count, pairs @ weights / np.maximum(costs, 1), -1)
        best = int(np.argmax(gains))
        if gains[best] < 0:
            break
        weights[pairs[best]] = 0
        result |= dict.fromkeys(families.pop(best))
        pairs = np.delete(pairs, best, axis=0)
    return tuple(result)


def _pairs(several: list[tuple[Shape, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs and GROUPS of features (N, P) each of these have, and which are groups (P,)."""
    columns: dict[Any, int] = {}
    own = [
        {columns.setdefault(one, len(columns)) for shape in shapes for one in _combinations(shape)}
        for shapes in several
    ]
    pairs = np.zeros((len(several), len(columns)), bool)
    for row, places in zip(pairs, own, strict=True):
        row[list(places)] = True
    return pairs, np.array([names in GROUPS for names, _ in columns])


def _combinations(shape: Shape) -> Iterator[tuple[tuple[str, ...], tuple[Any, ...]]]:
    features = _features(shape)
    for names in (*combinations(features, 2), *GROUPS):
        yield names, tuple(features[name] for name in names)


def _features(shape: Shape) -> dict[str, Any]:
    """What a mistake may depend on: the values, sizes put into classes, and which are equal.

    With as many inputs as units a matrix may be transposed, or one layer read for another.
    """
    config = shape.config
    values = {**vars(config), **shape._asdict()}
    values |= {"config": None, "masked_output": shape.has_mask and shape.masked_output}
    for name in ("time", "batch", "input_size", "hidden_size"):
        values[name] = next(n for n, (_, high) in enumerate(CLASSES) if values[name] <= high)
    return values | {
        "inputs are units": config.input_size == config.hidden_size,
        "inputs are outputs": config.input_size == config.output_size and not config.go_backwards,
        "steps are rows": shape.time == shape.batch,
    }
