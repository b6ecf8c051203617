"""What may be drawn: the limits of `sample_cases`, `cases` and `verify`, defaults and checks."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from references.arrays import DTYPES
from references.case import NONLINEARITIES

SIZES = {"time": (1, 40), "batch": (1, 4), "input_size": (1, 32), "hidden_size": (1, 64)}
# A value that stands twice is drawn twice as often. Thirteen places are the levels of `deal`.
CHOICES: dict[str, tuple[Any, ...]] = {
    "nonlinearity": ("tanh",) * 6 + ("relu",) * 4 + ("linear", "sigmoid", "softsign"),
    "num_layers": (1, 1, 1, 2, 3),
    "bidirectional": (False, False, True),
    "bias": (True, True, True, False),
    "go_backwards": (False,) * 11 + (True,) * 2,
    "dtype": DTYPES,
}
FLAGS = ("masks", "initial_states")
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
NAMES = (*SIZES, *CHOICES, *FLAGS, "regimes")


class LimitError(TypeError, ValueError):
    """A limit that does not exist or allows nothing; the text says what does."""


class Limits(NamedTuple):
    """Checked limits: sizes as (low, high), choices as tuples."""

    sizes: Mapping[str, tuple[int, int]]
    choices: Mapping[str, tuple[Any, ...]]
    masks: bool
    initial_states: bool
    regimes: tuple[str, ...]
    values: Mapping[str, Any]  # as the caller wrote them

    @property
    def text(self) -> str:
        """The arguments that rebuild a case: ", name=value" for each."""
        return "".join(f", {name}={value!r}" for name, value in self.values.items())

    def regimes_for(self, nonlinearity: str) -> tuple[str, ...]:
        """The allowed regimes that exist for this nonlinearity."""
        return tuple(name for name in self.regimes if nonlinearity in REGIMES[name])


def limits(**values: Any) -> Limits:
    """Checks limits by name. Raises LimitError, a TypeError and a ValueError."""
    for name in values:
        if name not in NAMES:
            raise LimitError(f"{name} is no limit; the limits are {', '.join(NAMES)}")
    sizes = {name: _size(name, values.get(name, ends)) for name, ends in SIZES.items()}
    space = {**CHOICES, "regimes": tuple(REGIMES)}
    choices = {
        name: _choices(name, values.get(name, every), every) for name, every in space.items()
    }
    regimes = choices.pop("regimes")
    if "nonlinearity" not in values:  # what the regimes exist for, unless the caller insists
        possible = {name for regime in regimes for name in REGIMES[regime]}
        choices["nonlinearity"] = tuple(filter(possible.__contains__, choices["nonlinearity"]))
    masks, states = (_flag(name, values.get(name, True)) for name in FLAGS)
    allowed = Limits(sizes, choices, masks, states, regimes, values)
    for name in choices["nonlinearity"]:
        if not allowed.regimes_for(name):
            regimes_text = ", ".join(regimes)
            raise LimitError(
                f"nonlinearity is {name!r}, but regimes {regimes_text} exist for others only"
            )
    _check_size(allowed)
    return allowed


def _size(name: str, value: Any) -> tuple[int, int]:
    ends = value if isinstance(value, tuple) else (value, value)
    if len(ends) != 2 or not all(_is_whole(end) for end in ends):
        raise LimitError(f"{name} is {value!r}, expected a whole number or (low, high)")
    if not 1 <= ends[0] <= ends[1]:
        raise LimitError(f"{name} is {value!r}, expected 1 <= low <= high")
    return ends


def _choices(name: str, value: Any, every: tuple[Any, ...]) -> tuple[Any, ...]:
    values = tuple(value) if isinstance(value, tuple | list) else (value,)
    if not values:
        raise LimitError(f"{name} is empty, expected a value or several")
    for item in values:
        if name == "num_layers":
            if not _is_whole(item) or not 1 <= item <= 64:
                raise LimitError(f"num_layers is {item!r}, expected a whole number from 1 to 64")
        elif not any(item is one or (isinstance(one, str) and item == one) for one in every):
            expected = ", ".join(map(str, dict.fromkeys(every)))
            raise LimitError(f"{name} is {item!r}, expected one of {expected}")
    return values


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise LimitError(f"{name} is {value!r}, expected True or False")
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_size(allowed: Limits) -> None:
    B, T, I, H = (allowed.sizes[name][1] for name in ("batch", "time", "input_size", "hidden_size"))
    cells = max(allowed.choices["num_layers"]) * (1 + max(allowed.choices["bidirectional"]))
    numbers = B * T * (I + cells * H) + cells * H * (max(I, 2 * H) + H)
    if numbers > LARGEST:
        raise LimitError(
            f"a case of these limits may hold {numbers} numbers, more than {LARGEST}; "
            "lower batch, time or the sizes"
        )
