"""Coverage of the space of cases, pairwise: which values of two features stood together in a case, judged or refused."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from harness.draw.generate import MASKS
from harness.draw.limits import CHOICES, REGIMES, SIZES, Limits
from harness.judge.verdict import Verdict
from references.case import Config

CLASSES = (
    (1, 1),
    (2, 7),
    (8, 16),
    (17, 1 << 30),
)  # of sizes: alone, less than a vector, a vector or two, more
Pair = tuple[str, str]


class Coverage:
    """The pairs that each implementation has met."""

    def __init__(self, names: Iterable[str], allowed: Limits) -> None:
        self._pairs = possible(allowed)
        self._judged: dict[str, set[Pair]] = {name: set() for name in names}
        self._refused: dict[str, set[Pair]] = {name: set() for name in self._judged}

    def add(self, verdict: Verdict, found: Mapping[str, str]) -> None:
        """Counts one verdict, on a case of these features."""
        met = self._refused if verdict.kind == "refused" else self._judged
        met[verdict.implementation].update(_pairs_of(found))

    def bits(self) -> dict[str, list[str]]:
        """By implementation: the judged and the refused pairs, as hexadecimal numbers with a bit for each pair in `possible`."""
        return {
            name: [self._bits(self._judged[name]), self._bits(self._refused[name])]
            for name in self._judged
        }

    def _bits(self, met: set[Pair]) -> str:
        return f"{int(''.join('01'[pair in met] for pair in self._pairs) or '0', 2):x}"


def features(config: Config, choices: Mapping[str, Any]) -> dict[str, str]:
    """The features of one case, as text."""
    found = {name: str(getattr(config, name)) for name in CHOICES}
    sizes = {
        "input_size": config.input_size,
        "hidden_size": config.hidden_size,
        "time": choices["time"],
        "batch": choices["batch"],
    }
    found |= {name: class_of(size) for name, size in sizes.items()}
    masked = choices["mask_kind"] != "none"
    mask = f"{choices['mask_kind']} {choices['masked_output']}" if masked else "none"
    return found | {
        "regime": choices["regime"],
        "initial_state": str(choices["with_state"]),
        "mask": mask,
    }


def possible(allowed: Limits) -> list[Pair]:
    """Every pair of values that these limits allow, in a fixed order: `nonlinearity=tanh` beside `regime=ternary`."""
    values = {
        name: list(dict.fromkeys(map(str, chosen))) for name, chosen in allowed.choices.items()
    }
    for name in SIZES:
        low, high = allowed.sizes[name]
        values[name] = [
            class_of(max(low, one)) for one, other in CLASSES if one <= high and other >= low
        ]
    values["regime"] = [
        regime
        for regime in allowed.regimes
        if any(kind in REGIMES[regime] for kind in values["nonlinearity"])
    ]
    values["initial_state"] = ["False", "True"] if allowed.initial_states else ["False"]
    kinds = [kind for kind in dict.fromkeys(MASKS) if kind != "none"] if allowed.masks else []
    values["mask"] = [
        "none",
        *(f"{kind} {output}" for kind in kinds for output in ("repeat", "zero")),
    ]
    return [
        (f"{one}={first}", f"{other}={second}")
        for one, other in combinations(sorted(values), 2)
        for first in values[one]
        for second in values[other]
        if (one, other) != ("nonlinearity", "regime") or first in REGIMES[second]
    ]


def _pairs_of(found: Mapping[str, str]) -> Iterator[Pair]:
    return (
        (f"{one}={found[one]}", f"{other}={found[other]}")
        for one, other in combinations(sorted(found), 2)
    )


def class_of(size: int) -> str:
    """The class of a size, as text."""
    low, high = next((low, high) for low, high in CLASSES if low <= size <= high)
    return str(low) if low == high else f"{low}+" if high > 1 << 20 else f"{low}-{high}"
