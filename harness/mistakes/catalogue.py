"""All known mistakes, in one table."""

from harness.mistakes import (
    activation,
    bias,
    direction,
    layers,
    layout,
    mask,
    numerics,
    outputs,
    state,
    time,
)
from harness.mistakes.mistake import Mistake

FAMILIES = (layout, bias, state, time, activation, direction, layers, mask, outputs, numerics)
MISTAKES: tuple[Mistake, ...] = tuple(mistake for family in FAMILIES for mistake in family.MISTAKES)
BY_NAME = {mistake.name: mistake for mistake in MISTAKES}
