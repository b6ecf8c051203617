"""Seeded cases: `sample_cases`, the same on every machine; `assemble`, which Hypothesis shares."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from harness.draw.aims import AIMS, AT_THE_END, regime_for, widen
from harness.draw.bits import Bits, seeded
from harness.draw.deal import BLOCK, LEVELS, dealt
from harness.draw.large import LARGE, across, wall_of
from harness.draw.layer_kinds import LayerKind, few, nearest
from harness.draw.limits import SIZES, Limits, limits
from harness.draw.rare import RARE
from harness.draw.regimes import draw_numbers
from harness.draw.shapes import Shape, choose
from references.case import Case, Config

# Sizes at which vector code changes its path, and primes.
SPECIAL = (1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 31, 32, 33, 61, 63, 64, 65, 127, 128, 129)
# The kinds with gaps come last, so that they fill the highest levels of `deal`.
MASKS = (
    *("none",) * 48,
    *("left", "right") * 2,
    *("middle",) * 2,
    *("rows",) * 3,
    *("random",) * 3,
)
MASKED = tuple(kind for kind in MASKS if kind != "none")
AT_MASKED = ("repeat", "repeat", "zero")  # outputs there; the aim "blank" adds zeros
TOGETHER = ("bidirectional", "dtype")  # choices that share a column of `deal`
IN_KINDS = ("cell", "reset_after")  # choices that share one with the nonlinearity
FINE = 1 << 28  # places in a level
IN_TURN = 29  # tells the words that shuffle shapes from others of the same seed
BLOCKS = 3  # among whose shapes few are chosen
RUNS = 64  # of which the shapes and kinds of layers are remembered


class Choices(NamedTuple):
    """What decides a case beside its Config and its numbers."""

    time: int
    batch: int
    regime: str
    with_state: bool
    mask_kind: str  # one of MASKS
    masked_output: Any  # one of references.case.MASKED_OUTPUTS
    rare: str = "none"  # one of RARE
    recurrent_biases: bool = True  # else every b_U is zeros


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
    allowed = limits(**values)
    return (_draw(index, seed, allowed) for index in range(start, start + count))


def cases_at(indices: Iterable[int], seed: int, allowed: Limits) -> Iterator[Case]:
    """The cases of these indices in the stream of `seed`; from LARGE on, large ones."""
    places = (_place(index, allowed) for index in indices)
    return (_draw(index, seed, limits_there) for index, limits_there in places)


def config_at(index: int, seed: int, allowed: Limits) -> Config:
    """That case's Config, at a tenth of the price of the case."""
    index, allowed = _place(index, allowed)
    if allowed.shapes:
        return _shape_at(index, seed, allowed).config
    return _choices_of(index, seed, allowed, seeded(seed, index))[0]


def choices_at(index: int, seed: int, allowed: Limits) -> tuple[Config, Choices]:
    """That case's Config and what else was chosen for it."""
    index, allowed = _place(index, allowed)
    return _choices_of(index, seed, allowed, seeded(seed, index))


def origin_at(index: int, seed: int, allowed: Limits) -> str:
    """Python that draws that case again."""
    index, allowed = _place(index, allowed)
    return _origin(index, seed, allowed)


def _origin(index: int, seed: int, allowed: Limits) -> str:
    return f"next(sample_cases(1, seed={seed}, start={index}{allowed.text}))"


def _place(index: int, allowed: Limits) -> tuple[int, Limits]:
    """Where the case stands in a stream of `sample_cases`: its index and limits there."""
    if index < LARGE:
        return index, allowed
    number = index - LARGE
    return number, across(wall_of(number, allowed), allowed)


def _draw(index: int, seed: int, allowed: Limits) -> Case:
    """The case of this index in a stream of `sample_cases`."""
    bits = seeded(seed, index)
    choices = _choices_of(index, seed, allowed, bits)
    return assemble(*choices, bits, _origin(index, seed, allowed))


def _choices_of(index: int, seed: int, allowed: Limits, bits: Bits) -> tuple[Config, Choices]:
    shape = _shape_at(index, seed, allowed) if allowed.shapes else None
    return _choices(dealt(bits, seed, index), allowed, shape, layer_kinds_of(seed, allowed))


def _shape_at(index: int, seed: int, allowed: Limits) -> Shape:
    """The shape of this case: each occurs once in as many cases in a row as there are shapes."""
    shapes = shapes_of(seed, allowed)
    block, place = divmod(index, len(shapes))
    words = seeded(seed, block, IN_TURN).words(len(shapes))
    return shapes[int(np.argsort(words, kind="stable")[place])]


def shapes_of(seed: int, allowed: Limits) -> tuple[Shape, ...]:
    """The shapes of all cases in the stream of `seed`, within limits that have `shapes`."""
    return _shapes_of(_Run(seed, allowed.text, allowed))


@dataclass(frozen=True)
class _Run:
    seed: int
    text: str
    allowed: Limits = field(compare=False)


@lru_cache(maxsize=RUNS)
def _shapes_of(run: _Run) -> tuple[Shape, ...]:
    """Chooses among the shapes of some blocks without the limit, where any two choices meet."""
    kinds = layer_kinds_of(run.seed, run.allowed)
    pool = [
        Shape(config, one.time, one.batch, one.mask_kind != "none", one.masked_output)
        for config, one in _pool(run, BLOCKS, kinds)
    ]
    return choose(pool, run.allowed.shapes or 0)


def layer_kinds_of(seed: int, allowed: Limits) -> tuple[LayerKind, ...]:
    """The kinds of layers in the stream of `seed`; none where the limits allow any number.

    They are the same for all sizes, so that large cases have no others.
    """
    return _layer_kinds_of(_Run(seed, allowed.text, allowed)) if allowed.layer_kinds else ()


@lru_cache(maxsize=RUNS)
def _layer_kinds_of(run: _Run) -> tuple[LayerKind, ...]:
    sizes = (*SIZES, "num_layers", "shapes")
    allowed = limits(**{name: it for name, it in run.allowed.values.items() if name not in sizes})
    return _few_kinds(_Run(run.seed, allowed.text, allowed))


@lru_cache(maxsize=RUNS)
def _few_kinds(run: _Run) -> tuple[LayerKind, ...]:
    """Chooses among the kinds of a block without the limit, where any two choices meet."""
    return few((_layer_kind(*choices) for choices in _pool(run, 1)), run.allowed.layer_kinds or 0)


def _layer_kind(config: Config, choices: Choices) -> LayerKind:
    masked = choices.mask_kind != "none"
    return LayerKind(config.kind, choices.masked_output if masked else "")


def _pool(
    run: _Run, blocks: int, kinds: tuple[LayerKind, ...] = ()
) -> Iterator[tuple[Config, Choices]]:
    """What is chosen for the cases of these blocks, whatever their shapes."""
    for index in range(blocks * BLOCK):
        bits = dealt(seeded(run.seed, index), run.seed, index)
        yield _choices(bits, run.allowed, kinds=kinds)


def _config(bits: Bits, allowed: Limits) -> tuple[Config, dict[str, int]]:
    """A Config, and batch and time."""
    sizes = {name: _size(ends, bits) for name, ends in allowed.sizes.items()}
    one, other = (allowed.choices[name] for name in TOGETHER)
    places = divmod(bits.below(len(one) * len(other)), len(other))
    fields = dict(zip(TOGETHER, (one[places[0]], other[places[1]]), strict=True))
    for name, values in allowed.choices.items():
        if name == "nonlinearity":
            fields |= bits.choose(allowed.kinds)
        elif name not in (*TOGETHER, *IN_KINDS):
            fields[name] = bits.choose(values)
    return Config(sizes.pop("input_size"), sizes.pop("hidden_size"), **fields), sizes


def _choices(
    bits: Bits, allowed: Limits, shape: Shape | None = None, kinds: tuple[LayerKind, ...] = ()
) -> tuple[Config, Choices]:
    """Draws what decides a case; all but its shape, where that is chosen already.

    Of `kinds`, if there are any, its layers have the one that is nearest to what is drawn.
    """
    config, sizes = _config(bits, allowed)
    if shape:
        config, sizes = shape.config, {"time": shape.time, "batch": shape.batch}
    regimes = allowed.regimes_for(config)
    regime = bits.choose(regimes)
    with_state = bits.below(4) > 0
    mask, output = divmod(bits.below(len(MASKS) * len(AT_MASKED)), len(AT_MASKED))
    mask_kind, masked_output = MASKS[mask], AT_MASKED[output]
    aim = bits.choose(AIMS)
    if aim == "blank":
        mask_kind, masked_output, with_state = AT_THE_END[mask % 2], "zero", True
    if not allowed.masks:
        mask_kind = "none"
    if shape:
        mask_kind = MASKED[mask % len(MASKED)] if shape.has_mask else "none"
        masked_output = shape.masked_output
    else:
        config = widen(aim, config, allowed)
    choices = Choices(
        **sizes,
        regime=regime_for(aim, config, regimes, regime),
        with_state=allowed.initial_states and with_state,
        mask_kind=mask_kind,
        masked_output=masked_output,
        rare=aim if aim in RARE else "none",
        recurrent_biases=allowed.recurrent_biases,
    )
    if kinds and not shape:
        return _of_kind(
            nearest(kinds, _layer_kind(config, choices)), config, choices, mask, allowed
        )
    return config, choices


def _of_kind(
    kind: LayerKind, config: Config, choices: Choices, mask: int, allowed: Limits
) -> tuple[Config, Choices]:
    """The same for layers of another kind: a regime and a mask where it needs others."""
    config, mask_kind = kind.layers(config), "none"
    if kind.masked_output:
        mask_kind = choices.mask_kind
        mask_kind = MASKED[mask % len(MASKED)] if mask_kind == "none" else mask_kind
        choices = choices._replace(masked_output=kind.masked_output)
    regimes = allowed.regimes_for(config)
    regime = choices.regime if choices.regime in regimes else regimes[0]
    return config, choices._replace(mask_kind=mask_kind, regime=regime)


def _size(ends: tuple[int, int], bits: Bits) -> int:
    """The lowest and the highest size have a level each, special ones seven, and all four."""
    low, high = ends
    place = bits.below(LEVELS * FINE) - FINE
    if place < 0:
        return low
    for sizes, levels in ((_special(low, high), 7), (range(low, high + 1), 4)):
        if place < levels * FINE:
            return sizes[place * len(sizes) // (levels * FINE)]
        place -= levels * FINE
    return high


@cache
def _special(low: int, high: int) -> Sequence[int]:
    """The special sizes between the ends; all sizes if there are less than four."""
    special = [size for size in SPECIAL if low < size < high]
    return special if len(special) > 3 else range(low, high + 1)


def assemble(config: Config, choices: Choices, bits: Bits, origin: str) -> Case:
    """The case of these choices; every number in it comes from `bits`."""
    batch, time = choices.batch, choices.time
    with np.errstate(all="ignore"):  # tiny numbers underflow, whatever the caller's settings
        numbers = draw_numbers(
            choices.regime, config, batch, time, choices.with_state, bits, choices.rare
        )
    mask = _mask(choices.mask_kind, batch, time, bits)
    weights, inputs, h_0, c_0 = numbers
    if not choices.recurrent_biases:
        weights = tuple(replace(cell, b_U=np.zeros_like(cell.b_U)) for cell in weights)
    return Case(config, weights, inputs, h_0, mask, choices.masked_output, origin, c_0=c_0)


def _mask(kind: str, batch: int, time: int, bits: Bits) -> np.ndarray | None:
    """(B, T) bool, True where a step counts; "left" masks steps on the left, as padding would.

    Of "rows" one is all False; any other is whole or has a gap.
    """
    if kind == "none":
        return None
    if kind != "rows":
        return np.array([_row(kind, time, bits) for _ in range(batch)])
    mask = np.array([_row(bits.choose(("whole", "middle")), time, bits) for _ in range(batch)])
    mask[bits.below(batch)] = False
    return mask


def _row(kind: str, time: int, bits: Bits) -> np.ndarray:
    """One row (T,) of a mask; "middle" has a gap between steps that count, if there are three."""
    steps = np.arange(time)
    if kind == "whole":
        return np.ones(time, bool)
    if kind == "random":
        return bits.words(time) >> np.uint64(62) < 3
    if kind == "middle":
        low = 1 + bits.below(max(time - 2, 1))
        high = low + 1 + bits.below(max(time - 1 - low, 1))
        return (steps < low) | (steps >= high)
    low, high = sorted(bits.below(time + 1) for _ in range(2))
    return steps >= low if kind == "left" else steps < high
