"""Large cases: each crosses one wall, a default limit beyond which code may take another path.

All other sizes are small, so that a run can afford them. They are cases of `sample_cases` under
limits of their own, which their origins name.
"""

from collections.abc import Mapping
from typing import Any

from harness.draw.bits import seeded
from harness.draw.limits import LimitError, Limits, limits

# The stream of a run from this index on: case LARGE + n is the large case number n. A multiple of
# the shares that are judged on one case in so many, and a whole number as float64.
LARGE = 4 * 10**15
# Beyond the default limits; a wall that the caller limits himself is not crossed.
WALLS: dict[str, Any] = {
    "hidden_size": (65, 300),
    "time": (41, 200),
    "batch": (5, 33),
    "input_size": (33, 300),
    "num_layers": (4, 5),
}
BESIDE: dict[str, Any] = {
    "time": (2, 6),
    "batch": (1, 3),
    "input_size": (1, 8),
    "hidden_size": (2, 8),
    "num_layers": 1,
}
# One case in so many of a campaign is large: a prime, so that any share of the cases has some.
RATE = 53


def walls(allowed: Limits) -> tuple[str, ...]:
    """The walls that large cases within these limits cross, one after the other."""
    return tuple(name for name in WALLS if name not in allowed.values and _fits(name, allowed))


def wall_of(number: int, allowed: Limits) -> str:
    """The wall that the large case of this number crosses."""
    names = walls(allowed)
    return names[number % len(names)]


def across(wall: str, allowed: Limits) -> Limits:
    """The limits of cases that cross this wall: of `allowed`, only default sizes are replaced."""
    return limits(**{**allowed.values, **overrides(wall, allowed)})


def overrides(wall: str, allowed: Limits) -> Mapping[str, Any]:
    """The limits that let a case cross this wall, without those that the caller set himself."""
    sizes = {**BESIDE, wall: WALLS[wall]}
    return {name: size for name, size in sizes.items() if name not in allowed.values}


def wall_at(index: int, seed: int, allowed: Limits) -> str:
    """The wall that a campaign's large case of this index crosses; empty where there is none."""
    names = walls(allowed)
    return seeded(seed, index, RATE).choose(names) if names else ""


def _fits(wall: str, allowed: Limits) -> bool:
    """Tells whether a case beyond the wall is not too large, by the caller's other sizes."""
    try:
        across(wall, allowed)
    except LimitError:
        return False
    return True
