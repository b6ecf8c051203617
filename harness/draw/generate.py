"""Seeded cases: `sample_cases`, the same on every machine; `assemble`, which Hypothesis shares."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from harness.draw.bits import Bits, seeded
from harness.draw.limits import Limits, limits
from harness.draw.regimes import draw_numbers
from references.case import MASKED_OUTPUTS, Case, Config

# Sizes at which vector code changes its path, and primes, drawn as often as all others together.
SPECIAL = (1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 31, 32, 33, 61, 63, 64, 65, 127, 128, 129)
MASKS = ("none",) * 25 + ("left", "right", "middle", "rows", "random")


class Choices(NamedTuple):
    """What decides a case beside its Config and its numbers."""

    time: int
    batch: int
    regime: str
    with_state: bool
    mask_kind: str  # one of MASKS
    masked_output: Any  # one of MASKED_OUTPUTS


def sample_cases(count: int, seed: int = 0, start: int = 0, **values: Any) -> Iterator[Case]:
    """Cases `start` to `start + count - 1` of the stream of `seed`, within limits by name.

    A case depends on its index, the seed and the limits alone. Raises LimitError (a TypeError and
    a ValueError) at once for a limit that does not exist or allows nothing.

    >>> one, other = (list(sample_cases(3, seed=1, time=(2, 9))) for _ in range(2))
    >>> [case.time for case in one] == [case.time for case in other]
    True
    """
    for name, value in (("count", count), ("seed", seed), ("start", start)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"{name} is {value!r}, expected a whole number of at least 0")
    return cases_at(range(start, start + count), seed, limits(**values))


def cases_at(indices: Iterable[int], seed: int, allowed: Limits) -> Iterator[Case]:
    """The cases of these indices in the stream of `seed`."""
    return (_case_at(index, seed, allowed) for index in indices)


def config_at(index: int, seed: int, allowed: Limits) -> Config:
    """That case's Config, at a tenth of the price of the case."""
    return _config(seeded(seed, index), allowed)[0]


def choices_at(index: int, seed: int, allowed: Limits) -> tuple[Config, Choices]:
    """That case's Config and what else was chosen for it."""
    return _choices(seeded(seed, index), allowed)


def origin_at(index: int, seed: int, allowed: Limits) -> str:
    """Python that draws that case again."""
    return f"next(sample_cases(1, seed={seed}, start={index}{allowed.text}))"


def _case_at(index: int, seed: int, allowed: Limits) -> Case:
    bits = seeded(seed, index)
    return assemble(*_choices(bits, allowed), bits, origin_at(index, seed, allowed))


def _config(bits: Bits, allowed: Limits) -> tuple[Config, dict[str, int]]:
    """A Config, and batch and time."""
    sizes = {name: _size(ends, bits) for name, ends in allowed.sizes.items()}
    fields = {name: bits.choose(values) for name, values in allowed.choices.items()}
    return Config(sizes.pop("input_size"), sizes.pop("hidden_size"), **fields), sizes


def _choices(bits: Bits, allowed: Limits) -> tuple[Config, Choices]:
    config, sizes = _config(bits, allowed)
    return config, Choices(
        **sizes,
        regime=bits.choose(allowed.regimes_for(config.nonlinearity)),
        with_state=allowed.initial_states and bits.below(4) > 0,
        mask_kind=bits.choose(MASKS) if allowed.masks else "none",
        masked_output=bits.choose(MASKED_OUTPUTS),
    )


def _size(ends: tuple[int, int], bits: Bits) -> int:
    low, high = ends
    special = _special(low, high)
    if special and bits.below(2):
        return bits.choose(special)
    return low + bits.below(high - low + 1)


@cache
def _special(low: int, high: int) -> list[int]:
    return [size for size in SPECIAL if low <= size <= high]


def assemble(config: Config, choices: Choices, bits: Bits, origin: str) -> Case:
    """The case of these choices; every number in it comes from `bits`."""
    batch, time = choices.batch, choices.time
    with np.errstate(all="ignore"):  # tiny numbers underflow, whatever the caller's settings
        numbers = draw_numbers(choices.regime, config, batch, time, choices.with_state, bits)
    mask = _mask(choices.mask_kind, batch, time, bits)
    return Case(config, *numbers, mask, choices.masked_output, origin)


def _mask(kind: str, batch: int, time: int, bits: Bits) -> np.ndarray | None:
    """(B, T) bool, True where a step counts; "left" masks steps on the left, as padding would."""
    if kind == "none":
        return None
    steps = np.arange(time)
    draws = [[bits.below(time + 1) for _ in range(2)] for _ in range(batch)]
    low, high = np.split(np.sort(draws, axis=1), 2, axis=1)  # (B, 1)
    if kind == "random":
        return (bits.words(batch * time) >> np.uint64(62)).reshape(batch, time) > 0
    return {
        "left": steps >= low,
        "right": steps < high,
        "middle": (steps < low) | (steps >= high),
        "rows": np.broadcast_to(low % 2 == 0, (batch, time)),
    }[kind]
