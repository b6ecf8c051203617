"""What may be drawn: the limits that `sample_cases`, `cases` and `verify` take, with their defaults and checks."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from references.arrays import DTYPES
from references.case import NONLINEARITIES

SIZES = {"time": (1, 40), "batch": (1, 4), "input_size": (1, 32), "hidden_size": (1, 64)}
# A value that stands twice is drawn twice as often.
CHOICES: dict[str, tuple[Any, ...]] = {
    "nonlinearity": ("tanh",) * 8 + ("relu",) * 5 + ("linear", "sigmoid", "softsign"),
    "num_layers": (1, 1, 1, 2, 3),
    "bidirectional": (False, False, True),
    "bias": (True, True, True, False),
    "go_backwards": (False,) * 7 + (True,),
    "dtype": DTYPES,
}
LARGEST = 1 << 24  # numbers in one case: 128 MiB of float64

# Which nonlinearities each regime is for.
REGIMES = {
    "ternary": ("tanh",),
    "mantissa": ("tanh", "relu", "linear"),
    "contracting": NONLINEARITIES,
    "chaotic": NONLINEARITIES,
    "saturated": NONLINEARITIES,
    "tiny": NONLINEARITIES,
    "large": NONLINEARITIES,
}
EXACT_REGIMES = ("ternary", "mantissa")


class Limits(NamedTuple):
    """Checked limits: sizes as (low, high), choices as tuples."""

    sizes: Mapping[str, tuple[int, int]]
    choices: Mapping[str, tuple[Any, ...]]
    masks: bool
    initial_states: bool
    regimes: tuple[str, ...]
    given: str  # as the caller wrote them, to rebuild a case: ", name=value" for each

    def regimes_for(self, nonlinearity: str) -> tuple[str, ...]:
        """The allowed regimes that exist for this nonlinearity."""
        return tuple(name for name in self.regimes if nonlinearity in REGIMES[name])


def limits(**given: Any) -> Limits:
    """Checks limits by name. Raises TypeError for an unknown one, ValueError for one that allows nothing."""
    rest = dict(given)
    sizes = {name: _size(name, rest.pop(name, default)) for name, default in SIZES.items()}
    choices = {
        name: _choices(name, rest.pop(name, default), default) for name, default in CHOICES.items()
    }
    flags = [_flag(name, rest.pop(name, True)) for name in ("masks", "initial_states")]
    regimes = _choices("regimes", rest.pop("regimes", tuple(REGIMES)), tuple(REGIMES))
    if rest:
        known = ", ".join([*SIZES, *CHOICES, "masks", "initial_states", "regimes"])
        raise TypeError(f"{next(iter(rest))} is no limit; the limits are {known}")
    if "nonlinearity" not in given:  # what the regimes exist for, unless the caller insists
        choices["nonlinearity"] = tuple(
            name
            for name in choices["nonlinearity"]
            if any(name in REGIMES[regime] for regime in regimes)
        )
    allowed = Limits(
        sizes,
        choices,
        flags[0],
        flags[1],
        regimes,
        "".join(f", {name}={value!r}" for name, value in given.items()),
    )
    for nonlinearity in choices["nonlinearity"]:
        if not allowed.regimes_for(nonlinearity):
            raise ValueError(
                f"nonlinearity is {nonlinearity!r}, but regimes {', '.join(regimes)} exist for others only"
            )
    _check_size(allowed)
    return allowed


def _size(name: str, value: Any) -> tuple[int, int]:
    ends = value if isinstance(value, tuple) else (value, value)
    if len(ends) != 2 or not all(
        isinstance(end, int) and not isinstance(end, bool) for end in ends
    ):
        raise TypeError(f"{name} is {value!r}, expected a whole number or (low, high)")
    if not 1 <= ends[0] <= ends[1]:
        raise ValueError(f"{name} is {value!r}, expected 1 <= low <= high")
    return ends


def _choices(name: str, value: Any, default: tuple[Any, ...]) -> tuple[Any, ...]:
    values = tuple(value) if isinstance(value, tuple | list) else (value,)
    if not values:
        raise ValueError(f"{name} is empty, expected a value or several")
    for item in values:
        if name == "num_layers":
            if not isinstance(item, int) or isinstance(item, bool) or not 1 <= item <= 64:
                raise ValueError(f"num_layers is {item!r}, expected a whole number from 1 to 64")
        elif not any(
            item is known or (isinstance(known, str) and item == known) for known in default
        ):
            raise ValueError(
                f"{name} is {item!r}, expected one of {', '.join(map(str, dict.fromkeys(default)))}"
            )
    return values


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, expected True or False")
    return value


def _check_size(allowed: Limits) -> None:
    B, T, I, H = (allowed.sizes[name][1] for name in ("batch", "time", "input_size", "hidden_size"))
    cells = max(allowed.choices["num_layers"]) * (
        2 if True in allowed.choices["bidirectional"] else 1
    )
    numbers = B * T * (I + cells * H) + cells * H * (max(I, 2 * H) + H)
    if numbers > LARGEST:
        raise ValueError(
            f"a case of these limits may hold {numbers} numbers, more than {LARGEST}; lower batch, time or the sizes"
        )
