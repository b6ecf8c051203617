"""Lists the properties of the conformance set: each has a name, and limits for its cases."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from harness.draw.features import PLAIN, has
from harness.draw.generate import sample_cases
from harness.draw.limits import EXACT_REGIMES, REGIMES, SIZES
from harness.draw.limits import limits as checked
from harness.judge.calls.observe import Implementation
from harness.judge.judge import judge
from references.case import MASKED_OUTPUTS, NONLINEARITIES, Case

# While one property varies, the others stay plain; the first of these changes that an
# implementation does not refuse.
ELSE: tuple[dict[str, Any], ...] = (
    {},
    {"dtype": "float64"},
    {"nonlinearity": "relu"},
    {"bidirectional": True},
    {"nonlinearity": "linear"},
    {"cell": "gru"},
    {"cell": "lstm"},
)
SEARCH = 60  # cases drawn for each one that a property needs, as only some are about it


@dataclass(frozen=True)
class Property:
    """Names one property, and says how its cases differ from plain ones."""

    name: str
    change: Mapping[str, Any]  # to the plain limits
    keep: Callable[[Case], bool] = lambda case: True
    calls: int = 1


def properties() -> Iterator[Property]:
    """Yields a property for each value of each field of Config, then those of calls and data."""
    for nonlinearity in NONLINEARITIES:
        yield Property(f"nonlinearity[{nonlinearity}]", {"nonlinearity": nonlinearity})
    for layers in (1, 2, 3):
        yield Property(f"num_layers[{layers}]", {"num_layers": layers})
    for name in ("bidirectional", "bias", "go_backwards"):
        for value in (False, True):
            yield Property(f"{name}[{value}]", {name: value})
    for dtype in ("float32", "float64"):
        yield Property(f"dtype[{dtype}]", {"dtype": dtype})
    for name, highest in {"input_size": 32, "hidden_size": 64, "time": 40, "batch": 4}.items():
        yield Property(f"{name}[1]", {name: 1})
        yield Property(f"{name}[many]", {name: (2, highest)})
    yield from _of_gates()
    yield Property("initial_state", {"initial_states": True}, has("initial_state"))
    for output in MASKED_OUTPUTS:
        keep = has("has_mask", masked_output=output)
        yield Property(f"mask[{output}]", {"masks": True}, keep)
    yield Property("exact", {"regimes": EXACT_REGIMES})
    rounded = tuple(name for name in REGIMES if name not in EXACT_REGIMES)
    yield Property("rounded", {"regimes": rounded})
    yield Property("second_weights", {}, calls=2)


def of_cell(cell: str) -> dict[str, Any]:
    """Returns the change of plain limits to those of a cell."""
    return {"cell": cell, "nonlinearity": "tanh", "reset_after": True}


def _of_gates() -> Iterator[Property]:
    """Yields the properties of cells with gates: what does not refuse them has them."""
    yield Property("cell[gru]", of_cell("gru"))
    yield Property("cell[lstm]", of_cell("lstm"))
    yield Property("reset_after[False]", of_cell("gru") | {"reset_after": False})
    state = of_cell("lstm") | {"initial_states": True}
    yield Property("cell_state", state, has("cell_state"))


def plain(limits: Mapping[str, Any], run: Implementation | None = None) -> dict[str, Any]:
    """Returns PLAIN within the user's limits, with the first change of ELSE that `run` accepts."""
    plainest = {name: _plainest(value, limits.get(name, value)) for name, value in PLAIN.items()}
    start = {**limits, **plainest}
    for change in ELSE if run else ():
        base = {**start, **{name: value for name, value in change.items() if name not in limits}}
        if not _leave_cases(base):  # a cell with gates has no other nonlinearity than tanh
            continue
        case = next(sample_cases(1, **base))
        if judge(case, run, calls=1).kind != "refused":  # type: ignore[arg-type]
            return base
    return start


def limits_for(
    property: Property, base: Mapping[str, Any], limits: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Returns the base with the property's change, or None if the limits leave nothing of it."""
    change = {
        name: _both(name, value, limits[name]) if name in limits else value
        for name, value in property.change.items()
    }
    if None in change.values():
        return None
    within = {**base, **change}
    return within if _leave_cases(within) else None  # exact cases of sigmoid: there are none


def _leave_cases(limits: Mapping[str, Any]) -> bool:
    try:
        checked(**limits)
    except ValueError:
        return False
    return True


def sample(property: Property, within: Mapping[str, Any], count: int, seed: int) -> Iterator[Case]:
    """Draws cases that are about the property, at most `count`."""
    return islice(filter(property.keep, sample_cases(count * SEARCH, seed, **within)), count)


def _plainest(value: Any, limit: Any) -> Any:
    """Returns the plain value if the user's limit has it, else the first that it has."""
    values = _values(limit)
    return value if value in values else values[0]


def _both(name: str, change: Any, limit: Any) -> Any:
    """Returns what two limits of one name have in common, or None."""
    if name in SIZES:
        ends = [value if isinstance(value, tuple) else (value, value) for value in (change, limit)]
        low, high = max(low for low, _ in ends), min(high for _, high in ends)
        return (low, high) if low <= high else None
    common = tuple(value for value in _values(change) if value in _values(limit))
    return common[0] if len(common) == 1 and not isinstance(change, tuple) else common or None


def _values(limit: Any) -> Sequence[Any]:
    return limit if isinstance(limit, tuple | list) else (limit,)
