"""The one answer to "what kind of case is this", and to "what is the plain case".

A feature has a name and a value. `features` and `has` read them off a finished case; `classes`
gives those that a draw chose, as text with sizes put into classes, for counting.
"""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from harness.draw.choices import Choices
from harness.draw.limits import CHOICES, REGIMES, SIZES, Limits
from harness.draw.masks import MASKS
from harness.draw.shapes import CLASSES
from references.case import MASKED_OUTPUTS, Case, Config

FEATURES: dict[str, Callable[[Case], Any]] = {
    **{field.name: attrgetter(f"config.{field.name}") for field in fields(Config)},
    **{name: attrgetter(name) for name in ("time", "batch", "masked_output")},
    "several_layers": lambda case: case.config.num_layers > 1,
    "several_units": lambda case: case.config.hidden_size > 1,
    "several_inputs": lambda case: case.config.input_size > 1,
    "several_steps": lambda case: case.time > 1,
    "several_rows": lambda case: case.batch > 1,
    "has_mask": lambda case: case.mask is not None,
    "masked": attrgetter("is_masked"),
    "initial_state": lambda case: bool(case.h_0.any()),
    "recurrent_bias": lambda case: any(cell.b_U.any() for cell in case.weights),
    "cell_state": lambda case: case.c_0 is not None and bool(case.c_0.any()),
}

# The limits of the plain case: Config's defaults, and nothing besides.
PLAIN: dict[str, Any] = {
    **{
        field.name: field.default
        for name in CHOICES
        for field in fields(Config)
        if field.name == name
    },
    "masks": False,
    "initial_states": False,
}


def features(case: Case) -> dict[str, Any]:
    """Every feature of a case, by name."""
    return {name: value(case) for name, value in FEATURES.items()}


def has(*names: str, **values: Any) -> Callable[[Case], bool]:
    """A predicate of cases: the named features are true, and others have these values.

    Raises KeyError at once for a feature that does not exist.

    >>> has("bidirectional", "several_steps", dtype="float64").__name__
    'bidirectional and several_steps and dtype=float64'
    """
    expected = [
        (FEATURES[name], value) for name, value in {**dict.fromkeys(names, True), **values}.items()
    ]

    def predicate(case: Case) -> bool:
        return all(feature(case) == value for feature, value in expected)

    predicate.__name__ = " and ".join(
        [*names, *(f"{name}={value}" for name, value in values.items())]
    )
    return predicate


def classes(config: Config, choices: Choices) -> dict[str, str]:
    """The classes that a draw falls into, by feature: see `limits_by_class`."""
    sizes = {**vars(config), **choices._asdict()}
    kind = choices.mask_kind
    return {
        **{name: str(getattr(config, name)) for name in CHOICES},
        **{name: class_of(sizes[name]) for name in SIZES},
        "regime": choices.regime,
        "initial_state": str(choices.with_state),
        "mask": kind if kind == "none" else f"{kind} {choices.masked_output}",
    }


def limits_by_class(allowed: Limits) -> dict[str, dict[str, Any]]:
    """The classes of each feature that these limits allow, and what limits a draw to each class."""
    kinds = [kind for kind in dict.fromkeys(MASKS) if kind != "none"] if allowed.masks else []
    regimes = (name for name in allowed.regimes if {*REGIMES[name]} & {*allowed.names})
    states = (False, True) if allowed.initial_states else (False,)
    return {
        **{
            name: {str(value): value for value in values}
            for name, values in allowed.choices.items()
        },
        **{name: _size_classes(*ends) for name, ends in allowed.sizes.items()},
        "regime": {name: name for name in regimes},
        "initial_state": {str(value): value for value in states},
        "mask": {
            name: name
            for name in (
                "none",
                *(f"{kind} {output}" for kind in kinds for output in MASKED_OUTPUTS),
            )
        },
    }


def _size_classes(low: int, high: int) -> dict[str, list[int]]:
    return {
        class_of(max(low, first)): [max(low, first), min(high, last)]
        for first, last in CLASSES
        if first <= high and last >= low
    }


def class_of(size: int) -> str:
    """The class of a size, as text."""
    low, high = next((low, high) for low, high in CLASSES if low <= size <= high)
    if low == high:
        return str(low)
    return f"{low}+" if high > 1 << 20 else f"{low}-{high}"
