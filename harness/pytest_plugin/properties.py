"""The properties of the conformance set: a name, and what is drawn to find out whether it holds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from harness.draw.features import PLAIN, has
from harness.draw.generate import sample_cases
from harness.draw.limits import EXACT_REGIMES, REGIMES, SIZES
from harness.draw.limits import limits as checked
from harness.judge.judge import judge
from harness.judge.observe import Implementation
from references.case import MASKED_OUTPUTS, NONLINEARITIES, Case

# While one property varies, the others stay plain; the first of these changes that an
# implementation does not refuse.
ELSE: tuple[dict[str, Any], ...] = (
    {},
    {"dtype": "float64"},
    {"nonlinearity": "relu"},
    {"bidirectional": True},
    {"nonlinearity": "linear"},
)
SEARCHED = 60  # cases looked through for each that is wanted, where only some have what a property is about


@dataclass(frozen=True)
class Property:
    """One thing that is asked."""

    name: str
    change: Mapping[str, Any]  # to the plain limits
    keep: Callable[[Case], bool] = lambda case: True
    calls: int = 1


def properties() -> Iterator[Property]:
    """A property for each value that a field of Config may have, then those that are about calls and data."""
    for nonlinearity in NONLINEARITIES:
        yield Property(f"nonlinearity[{nonlinearity}]", {"nonlinearity": nonlinearity})
    for layers in (1, 2, 3):
        yield Property(f"num_layers[{layers}]", {"num_layers": layers})
    for name in ("bidirectional", "bias", "go_backwards"):
        for value in (False, True):
            yield Property(f"{name}[{value}]", {name: value})
    for dtype in ("float32", "float64"):
        yield Property(f"dtype[{dtype}]", {"dtype": dtype})
    for name, ends in (
        ("input_size", (2, 32)),
        ("hidden_size", (2, 64)),
        ("time", (2, 40)),
        ("batch", (2, 4)),
    ):
        yield Property(f"{name}[1]", {name: 1})
        yield Property(f"{name}[many]", {name: ends})
    yield Property("initial_state", {"initial_states": True}, has("initial_state"))
    for output in MASKED_OUTPUTS:
        keep = has("has_mask", masked_output=output)
        yield Property(f"mask[{output}]", {"masks": True}, keep)
    yield Property("exact", {"regimes": EXACT_REGIMES})
    yield Property(
        "rounded", {"regimes": tuple(name for name in REGIMES if name not in EXACT_REGIMES)}
    )
    yield Property("second_weights", {}, calls=2)


def plain(limits: Mapping[str, Any], run: Implementation | None = None) -> dict[str, Any]:
    """The limits at which an implementation is held: PLAIN within the user's, changed as little as it takes for `run` not to refuse."""
    start = {
        **limits,
        **{name: _plainest(value, limits.get(name, value)) for name, value in PLAIN.items()},
    }
    for change in ELSE if run else ():
        base = {**start, **{name: value for name, value in change.items() if name not in limits}}
        if judge(next(sample_cases(1, **base)), run, calls=1).kind != "refused":  # type: ignore[arg-type]
            return base
    return start


def limited(
    property: Property, base: Mapping[str, Any], limits: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What to draw for the property: its change to the base within the user's limits, or None where they leave nothing of it."""
    change = {
        name: _both(name, value, limits[name]) if name in limits else value
        for name, value in property.change.items()
    }
    if None in change.values():
        return None
    try:
        checked(**{**base, **change})
    except ValueError:  # exact cases of sigmoid: there are none
        return None
    return {**base, **change}


def drawn(property: Property, within: Mapping[str, Any], count: int, seed: int) -> Iterator[Case]:
    """The property's cases."""
    return islice(filter(property.keep, sample_cases(count * SEARCHED, seed, **within)), count)


def _plainest(value: Any, given: Any) -> Any:
    """The plain value where the user's limits have it, else the first that they have."""
    values = given if isinstance(given, tuple | list) else (given,)
    return value if value in values else values[0]


def _both(name: str, wanted: Any, given: Any) -> Any:
    """What two limits of one name have in common, or None."""
    if name in SIZES:
        ends = [value if isinstance(value, tuple) else (value, value) for value in (wanted, given)]
        low, high = max(low for low, _ in ends), min(high for _, high in ends)
        return (low, high) if low <= high else None
    one, other = (
        value if isinstance(value, tuple | list) else (value,) for value in (wanted, given)
    )
    common = tuple(value for value in one if value in other)
    return (
        None
        if not common
        else common[0]
        if len(common) == 1 and not isinstance(wanted, tuple)
        else common
    )
