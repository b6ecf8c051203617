"""All known mistakes, in one table."""

from collections.abc import Collection

from harness.mistakes.families import (
    activation,
    bias,
    cell_state,
    direction,
    gates,
    gru,
    layers,
    layout,
    lstm,
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
    "gates": gates.MISTAKES,
    "gru": gru.MISTAKES,
    "lstm": lstm.MISTAKES,
    "cell_state": cell_state.MISTAKES,
}
FAMILY = {mistake.name: family for family, rows in FAMILIES.items() for mistake in rows}
BY_NAME = {mistake.name: mistake for rows in FAMILIES.values() for mistake in rows}


def of_cells(cells: Collection[str]) -> tuple[Mistake, ...]:
    """Those that some of these cells can have, in the order of the table."""
    return tuple(mistake for mistake in BY_NAME.values() if not {*cells}.isdisjoint(mistake.cells))


MISTAKES = of_cells(["rnn"])  # of the loop that a newcomer meets first
