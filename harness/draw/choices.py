"""Draws what decides a case but its numbers: Config, sizes, regime, mask and rare values."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from harness.draw.aims import AIMS, AT_THE_END, regime_for, widen
from harness.draw.bits import Bits
from harness.draw.deal import LEVELS
from harness.draw.layer_kinds import LayerKind, nearest
from harness.draw.limits import Limits
from harness.draw.masks import MASKED, MASKS
from harness.draw.rare import RARE
from harness.draw.shapes import Shape
from references.case import Config

# Sizes at which vector code changes its path, and primes.
SPECIAL = (1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 31, 32, 33, 61, 63, 64, 65, 127, 128, 129)
AT_MASKED = ("repeat", "repeat", "zero")  # outputs there; the aim "blank" adds zeros
TOGETHER = ("bidirectional", "dtype")  # choices that share a column of `deal`
IN_KINDS = ("cell", "reset_after")  # choices that share one with the nonlinearity
FINE = 1 << 28  # places in a level


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


def layer_kind(config: Config, choices: Choices) -> LayerKind:
    """The kind of all layers of a case."""
    masked = choices.mask_kind != "none"
    return LayerKind(config.kind, choices.masked_output if masked else "")


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


def draw_choices(
    bits: Bits, allowed: Limits, shape: Shape | None = None, kinds: tuple[LayerKind, ...] = ()
) -> tuple[Config, Choices]:
    """Draws what decides a case; all but its shape, where that is there already.

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
        return _of_kind(nearest(kinds, layer_kind(config, choices)), config, choices, mask, allowed)
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
