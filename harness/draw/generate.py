"""Seeded cases: `sample_cases`, the same on every machine; `assemble`, which Hypothesis shares."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from harness.draw.bits import Bits, seeded
from harness.draw.choices import Choices, draw_choices, layer_kind
from harness.draw.deal import BLOCK, dealt
from harness.draw.large import LARGE, RUNS, wall_of
from harness.draw.layer_kinds import LayerKind, few
from harness.draw.limits import SIZES, Limits, limits, plain
from harness.draw.masks import draw_mask
from harness.draw.regimes import draw_numbers
from harness.draw.shapes import Shape, choose
from references.case import Case, Config

IN_TURN = 29  # tells the words that shuffle shapes from others of the same seed
BLOCKS = 3  # among whose shapes few are chosen


def sample_cases(count: int, seed: int = 0, start: int = 0, **values: Any) -> Iterator[Case]:
    """Cases `start` to `start + count - 1` of the stream of `seed`, within limits by name.

    A case depends on its index, the seed and the limits alone. The table of limits is in
    `references/README.md`, under "Limits". Raises LimitError (a TypeError and
    a ValueError) at once for a limit that does not exist or allows nothing.

    >>> one, other = (list(sample_cases(3, seed=1, time=(2, 9))) for _ in range(2))
    >>> [case.time for case in one] == [case.time for case in other]
    True
    """
    count, seed, start = map(plain, (count, seed, start))
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
    return number, wall_of(number, allowed).allowed


def _draw(index: int, seed: int, allowed: Limits) -> Case:
    """The case of this index in a stream of `sample_cases`."""
    bits = seeded(seed, index)
    choices = _choices_of(index, seed, allowed, bits)
    return assemble(*choices, bits, _origin(index, seed, allowed))


def _choices_of(index: int, seed: int, allowed: Limits, bits: Bits) -> tuple[Config, Choices]:
    shape = _shape_at(index, seed, allowed) if allowed.shapes else None
    return draw_choices(dealt(bits, seed, index), allowed, shape, layer_kinds_of(seed, allowed))


def _shape_at(index: int, seed: int, allowed: Limits) -> Shape:
    """The shape of this case: each occurs once in as many cases in a row as there are shapes."""
    shapes = shapes_of(seed, allowed)
    block, place = divmod(index, len(shapes))
    words = seeded(seed, block, IN_TURN).words(len(shapes))
    return shapes[int(np.argsort(words, kind="stable")[place])]


@lru_cache(maxsize=RUNS)
def shapes_of(seed: int, allowed: Limits) -> tuple[Shape, ...]:
    """The shapes of all cases in the stream of `seed`, within limits that have `shapes`.

    They are chosen among those of some blocks without the limit, where any two choices meet.
    """
    kinds = layer_kinds_of(seed, allowed)
    pool = [
        Shape(config, one.time, one.batch, one.mask_kind != "none", one.masked_output)
        for config, one in _pool(seed, allowed, BLOCKS, kinds)
    ]
    return choose(pool, allowed.shapes or 0)


def layer_kinds_of(seed: int, allowed: Limits) -> tuple[LayerKind, ...]:
    """The kinds of layers in the stream of `seed`; none where the limits allow any number.

    They are the same for all sizes, so that large cases have no others.
    """
    return _layer_kinds_of(seed, allowed) if allowed.layer_kinds else ()


@lru_cache(maxsize=RUNS)
def _layer_kinds_of(seed: int, allowed: Limits) -> tuple[LayerKind, ...]:
    sizes = (*SIZES, "num_layers", "shapes")
    values = {name: value for name, value in allowed.values.items() if name not in sizes}
    return _few_kinds(seed, limits(**values))


@lru_cache(maxsize=RUNS)
def _few_kinds(seed: int, allowed: Limits) -> tuple[LayerKind, ...]:
    """Chooses among the kinds of a block without the limit, where any two choices meet."""
    pool = _pool(seed, allowed, 1)
    return few((layer_kind(*choices) for choices in pool), allowed.layer_kinds or 0)


def _pool(
    seed: int, allowed: Limits, blocks: int, kinds: tuple[LayerKind, ...] = ()
) -> Iterator[tuple[Config, Choices]]:
    """What is chosen for the cases of these blocks, whatever their shapes."""
    for index in range(blocks * BLOCK):
        bits = dealt(seeded(seed, index), seed, index)
        yield draw_choices(bits, allowed, kinds=kinds)


def assemble(config: Config, choices: Choices, bits: Bits, origin: str) -> Case:
    """The case of these choices; every number in it comes from `bits`."""
    batch, time = choices.batch, choices.time
    with np.errstate(all="ignore"):  # tiny numbers underflow, whatever the caller's settings
        numbers = draw_numbers(
            choices.regime, config, batch, time, choices.with_state, bits, choices.rare
        )
    mask = draw_mask(choices.mask_kind, batch, time, bits)
    weights, inputs, h_0, c_0 = numbers
    if not choices.recurrent_biases:
        weights = tuple(replace(cell, b_U=np.zeros_like(cell.b_U)) for cell in weights)
    return Case(config, weights, inputs, h_0, mask, choices.masked_output, origin, c_0=c_0)
