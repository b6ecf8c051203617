"""Says for which sizes a verdict holds: the greatest that were judged, in the letters T B I H."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from harness.draw.choices import Choices
from harness.draw.generate import choices_at
from harness.draw.large import LARGE, wall_of
from harness.draw.limits import CHOICES, SIZES, Limits
from references.case import Config

LETTERS = {"time": "T", "batch": "B", "input_size": "I", "hidden_size": "H"}


def reach_at(index: int, seed: int, allowed: Limits) -> tuple[str, Counter[str], str]:
    """Returns a run's case's cell, its sizes by name, and the wall that a large one crosses."""
    wall = wall_of(index - LARGE, allowed).name if index >= LARGE else ""
    config, choices = choices_at(index, seed, allowed)
    return config.cell, sizes_of(config, choices), wall


def sizes_of(config: Config, choices: Choices) -> Counter[str]:
    """Returns the sizes of a case by name."""
    values = {**vars(config), **choices._asdict()}
    return Counter({name: values[name] for name in (*LETTERS, "num_layers")})


def range_text(reach: Mapping[str, int], limits: Mapping[str, Any]) -> str:
    """Returns `T up to 40, B up to 4, I up to 32, H up to 64, up to 3 layers`, or less.

    `limits` are those of the run: a range that does not begin with 1 is told from its beginning.
    """
    return ", ".join(_ranges(reach, limits))


def _ranges(reach: Mapping[str, int], limits: Mapping[str, Any]) -> Iterator[str]:
    for name, high in reach.items():
        low = _lowest(limits.get(name, {**SIZES, **CHOICES}[name]))
        letter, layers = LETTERS.get(name), f"layer{'s' * (high > 1)}"
        if low >= high:
            yield f"{letter} = {high}" if letter else f"{high} {layers}"
        else:
            span = f"up to {high}" if low == 1 else f"from {low} to {high}"
            yield f"{letter} {span}" if letter else f"{span} {layers}"


def _lowest(value: Any) -> int:
    """Returns the lowest size that a limit allows."""
    return int(min(value)) if isinstance(value, tuple | list) else int(value)


def large_text(large: Mapping[str, int]) -> str:
    """Returns `T = 187, B = 30, I = 241, H = 288, 5 layers`, as far as there are such cases."""
    sizes = {name: large[name] for name in (*LETTERS, "num_layers") if large.get(name)}
    return range_text(sizes, sizes)
