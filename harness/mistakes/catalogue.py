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

FAMILIES: dict[str, tuple[Mistake, ...]] = {
    "layout": layout.MISTAKES,
    "bias": bias.MISTAKES,
    "state": state.MISTAKES,
    "time": time.MISTAKES,
    "activation": activation.MISTAKES,
    "direction": direction.MISTAKES,
    "layers": layers.MISTAKES,
    "mask": mask.MISTAKES,
    "axes": outputs.AXES,
    "output": outputs.OUTPUT,
    "attribute": outputs.ATTRIBUTE,
    "numerics": numerics.MISTAKES,
}
FAMILY = {mistake.name: family for family, rows in FAMILIES.items() for mistake in rows}
MISTAKES = tuple(mistake for rows in FAMILIES.values() for mistake in rows)
BY_NAME = {mistake.name: mistake for mistake in MISTAKES}
