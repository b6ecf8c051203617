"""Draws masks: none, padding on one side, gaps, whole rows, or any steps."""

import numpy as np

from harness.draw.bits import Bits

# The kinds with gaps come last, so that they fill the highest levels of `deal`.
MASKS = (
    *("none",) * 48,
    *("left", "right") * 2,
    *("middle",) * 2,
    *("rows",) * 3,
    *("random",) * 3,
)
MASKED = tuple(kind for kind in MASKS if kind != "none")


def draw_mask(kind: str, batch: int, time: int, bits: Bits) -> np.ndarray | None:
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
