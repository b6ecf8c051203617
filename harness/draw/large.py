"""Large cases: each crosses one wall, a default limit beyond which code may take another path.

All other sizes are small, so that a run can afford them. They are cases of `sample_cases` under
limits of their own, which their origins name.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from harness.draw.bits import seeded
from harness.draw.limits import LimitError, Limits, limits

# The stream of a run from this index on: case LARGE + n is the large case number n. A multiple of
# the shares that are judged on one case in so many, and a whole number as float64.
LARGE = 4 * 10**15
# Beyond the default limits, by name; once more at the far end. What the caller limits himself is
# not crossed.
WALLS: tuple[tuple[str, tuple[int, int]], ...] = (
    ("hidden_size", (65, 300)),
    ("time", (41, 200)),
    ("batch", (5, 33)),
    ("input_size", (33, 300)),
    ("num_layers", (4, 5)),
    ("hidden_size", (257, 300)),
    ("time", (129, 200)),
    ("batch", (32, 33)),
    ("input_size", (257, 300)),
    ("num_layers", (5, 5)),
)
BESIDE: dict[str, Any] = {
    "time": (2, 8),
    "batch": (1, 4),
    "input_size": (1, 16),
    "hidden_size": (2, 16),
    "num_layers": (1, 2),
}
RUNS = 64  # of which walls, shapes and kinds of layers are remembered
# One case in so many of a campaign is large: a prime, so that any share of the cases has some.
RATE = 53


class Wall(NamedTuple):
    """The size that a large case has beyond its default limit, and limits that give it."""

    name: str
    limits: Mapping[str, Any]  # beside those that the caller set
    allowed: Limits  # these and the caller's


@lru_cache(maxsize=RUNS)
def walls(allowed: Limits) -> tuple[Wall, ...]:
    """The walls that large cases within these limits cross, one after the other.

    None where shapes are limited: each large case has a shape of its own.
    """
    return () if allowed.shapes else tuple(_walls(allowed))


def _walls(allowed: Limits) -> Iterator[Wall]:
    for name, sizes in WALLS:
        if name not in allowed.values:
            own = {**BESIDE, name: sizes}
            own = {one: size for one, size in own.items() if one not in allowed.values}
            try:
                yield Wall(name, own, limits(**{**allowed.values, **own}))
            except LimitError:
                continue  # by the caller's other sizes, a case beyond it is too large


def wall_of(number: int, allowed: Limits) -> Wall:
    """The wall that the large case of this number crosses."""
    every = walls(allowed)
    return every[number % len(every)]


def wall_at(index: int, seed: int, allowed: Limits) -> Wall | None:
    """The wall that a campaign's large case of this index crosses; None where there is none."""
    every = walls(allowed)
    return seeded(seed, index, RATE).choose(every) if every else None
