"""Checks the limits of `sample_cases`, `cases` and `verify`, and holds their defaults."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from references.arrays import DTYPES
from references.case import NONLINEARITIES, ONLY, Config
from references.cells import CELLS

SIZES = {"time": (1, 40), "batch": (1, 4), "input_size": (1, 32), "hidden_size": (1, 64)}
# A value that stands twice is drawn twice as often. Thirteen places are the levels of `deal`.
CHOICES: dict[str, tuple[Any, ...]] = {
    "nonlinearity": ("tanh",) * 6 + ("relu",) * 4 + ("linear", "sigmoid", "softsign"),
    "num_layers": (1, 1, 1, 2, 3),
    "bidirectional": (False, False, True),
    "bias": (True, True, True, False),
    "go_backwards": (False,) * 11 + (True,) * 2,
    "dtype": DTYPES,
    "cell": tuple(CELLS),
    "reset_after": (True, False),  # of a gru
}
DEFAULTS: dict[str, tuple[Any, ...]] = {"cell": ("rnn",)}  # where it is not every value
FLAGS = ("masks", "initial_states", "recurrent_biases")
MOST_LAYERS = 64
MOST_EXAMPLES = 10**7  # cases of one run of `verify`, which holds a number for each
LARGEST = 1 << 24  # numbers in one case: 128 MiB of float64

GATED = ("gru", "lstm")
# What each regime is for: nonlinearities of an rnn, and cells with gates.
REGIMES = {
    "ternary": ("tanh", *GATED),
    "mantissa": ("tanh", "relu", "linear", *GATED),
    "contracting": (*NONLINEARITIES, *GATED),
    "chaotic": (*NONLINEARITIES, *GATED),
    "saturated": (*NONLINEARITIES, *GATED),
    "tiny": (*NONLINEARITIES, *GATED),
    "large": (*NONLINEARITIES, *GATED),
    "memory": GATED,
    "edge": GATED,
}
EXACT_REGIMES = ("ternary", "mantissa")
MOST_COUNT = 400  # shapes or kinds of layers
FEW = ("shapes", "layer_kinds")  # numbers of what a run's cases have at most
NAMES = (*SIZES, *CHOICES, *FLAGS, "regimes", *FEW)


class LimitError(TypeError, ValueError):
    """A limit that does not exist or allows nothing; the text says what does."""


class Limits(NamedTuple):
    """Checked limits: sizes as (low, high), choices as tuples."""

    sizes: Mapping[str, tuple[int, int]]
    choices: Mapping[str, tuple[Any, ...]]
    masks: bool
    initial_states: bool
    recurrent_biases: bool  # b_U beside b_W; else b_U is zeros
    regimes: tuple[str, ...]
    values: Mapping[str, Any]  # as the caller wrote them
    shapes: int | None = None  # how many there are at most; None for any number
    layer_kinds: int | None = None  # how many kinds of layers there are at most

    def __hash__(self) -> int:
        """Of the values, which decide all else: so what is found for limits can be kept."""
        return hash(self.text)

    @property
    def text(self) -> str:
        """The arguments that rebuild a case: ", name=value" for each."""
        return "".join(f", {name}={value!r}" for name, value in self.values.items())

    def regimes_for(self, config: Config) -> tuple[str, ...]:
        """The allowed regimes that exist for this cell, or for the rnn's nonlinearity."""
        return self._regimes_for(config.nonlinearity if config.cell == "rnn" else config.cell)

    def _regimes_for(self, name: str) -> tuple[str, ...]:
        return tuple(regime for regime in self.regimes if name in REGIMES[regime])

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """What is computed in a step: fields of Config, each cell as often as any other."""
        rnns, resets = self.choices["nonlinearity"], self.choices["reset_after"]
        kinds: dict[str, list[dict[str, Any]]] = {
            "rnn": [{"nonlinearity": name} for name in rnns for _ in resets],
            "gru": [{"cell": "gru", "reset_after": reset} for reset in resets for _ in rnns],
            "lstm": [{"cell": "lstm"}] * len(rnns) * len(resets),
        }
        return [kind for cell in self.choices["cell"] for kind in kinds[cell]]

    @property
    def names(self) -> list[str]:
        """The cells, but for the rnn its nonlinearities, unless the regimes leave it none."""
        names: list[str] = []
        for cell in dict.fromkeys(self.choices["cell"]):
            is_rnn = cell == "rnn" and self.choices["nonlinearity"]
            names += dict.fromkeys(self.choices["nonlinearity"]) if is_rnn else [cell]
        return names


def plain(value: Any) -> Any:
    """Returns NumPy's scalars as Python's, in tuples and lists, too; all else as it is."""
    if isinstance(value, np.generic):
        return value.item()
    return type(value)(map(plain, value)) if type(value) in (tuple, list) else value


def limits(**values: Any) -> Limits:
    """Checks limits by name. Raises LimitError, a TypeError and a ValueError."""
    for name in values:
        if name not in NAMES:
            raise LimitError(f"{name} is no limit; the limits are {', '.join(NAMES)}")
    values = {name: plain(value) for name, value in values.items()}
    sizes = {name: _size(name, values.get(name, ends)) for name, ends in SIZES.items()}
    space = {**CHOICES, "regimes": tuple(REGIMES)}
    choices = {
        name: _choices(name, values.get(name, DEFAULTS.get(name, every)), every)
        for name, every in space.items()
    }
    regimes = choices.pop("regimes")
    for name, cell in ONLY.items():
        if cell not in choices["cell"]:
            choices[name] = _without(cell, name, choices[name] if name in values else ())
    if "rnn" in choices["cell"] and "nonlinearity" not in values:
        # What the regimes exist for, unless the caller insists.
        possible = {name for regime in regimes for name in REGIMES[regime]}
        choices["nonlinearity"] = tuple(filter(possible.__contains__, choices["nonlinearity"]))
    flags = {name: _flag(name, values.get(name, True)) for name in FLAGS}
    shapes = _shapes(values.get("shapes"), choices["num_layers"])
    layer_kinds = _count("layer_kinds", values.get("layer_kinds"), 2)  # one and that above it
    allowed = Limits(
        sizes,
        choices,
        regimes=regimes,
        values=values,
        shapes=shapes,
        layer_kinds=layer_kinds,
        **flags,
    )
    _check_regimes(allowed)
    _check_size(allowed)
    return allowed


def _without(cell: str, name: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The only value of a choice where its cell is not drawn; the caller may ask for no other."""
    only = CHOICES[name][0]
    for value in values:
        if value != only:
            raise LimitError(f"{name} is {value!r}, but only a cell {cell} has that")
    return (only,)


def _check_regimes(allowed: Limits) -> None:
    """Each cell, and each nonlinearity of the rnn, must have a regime."""
    for name in allowed.names:
        if not allowed._regimes_for(name):
            what, regimes = "cell" if name in CELLS else "nonlinearity", ", ".join(allowed.regimes)
            raise LimitError(f"{what} is {name!r}, but regimes {regimes} exist for others only")


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
            if not _is_whole(item) or not 1 <= item <= MOST_LAYERS:
                expected = f"a whole number from 1 to {MOST_LAYERS}"
                raise LimitError(f"num_layers is {item!r}, expected {expected}")
        elif not any(item is one or (isinstance(one, str) and item == one) for one in every):
            expected = ", ".join(map(str, dict.fromkeys(every)))
            raise LimitError(f"{name} is {item!r}, expected one of {expected}")
    return values


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise LimitError(f"{name} is {value!r}, expected True or False")
    return value


def _shapes(value: Any, num_layers: tuple[int, ...]) -> int | None:
    """A case of several layers may be cut to the lowest of them, each cut of a shape of its own."""
    count = _count("shapes", value, 1)
    if count is not None and count < max(num_layers):
        least = f"the lowest layers have shapes, too: expected at least {max(num_layers)}"
        raise LimitError(
            f"shapes is {value}, but a case may have {max(num_layers)} layers; {least}"
        )
    return count


def _count(name: str, value: Any, least: int) -> int | None:
    if value is None:
        return None
    if not _is_whole(value) or not least <= value <= MOST_COUNT:
        raise LimitError(
            f"{name} is {value!r}, expected a whole number from {least} to {MOST_COUNT:,}"
        )
    return int(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_size(allowed: Limits) -> None:
    B, T, I, H = (allowed.sizes[name][1] for name in ("batch", "time", "input_size", "hidden_size"))
    cells = max(allowed.choices["num_layers"]) * (1 + max(allowed.choices["bidirectional"]))
    gates = max(len(CELLS[cell].GATES) for cell in allowed.choices["cell"])
    numbers = B * T * (I + cells * H) + cells * gates * H * (max(I, 2 * H) + H)
    if numbers > LARGEST:
        raise LimitError(
            f"a case of these limits may hold {numbers} numbers, more than {LARGEST}; "
            "lower batch, time or the sizes"
        )
