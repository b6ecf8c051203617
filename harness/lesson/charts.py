"""The small chart of a planted mistake: two courses as points of an SVG, small enough to draw a hundred of them."""

import math
from typing import NamedTuple

from harness.lesson.planted import Shown

WIDTH, HEIGHT, MARGIN = 320, 130, 12


class Chart(NamedTuple):
    """Points in a box of WIDTH by HEIGHT; a course breaks where a number is not finite."""

    right: str  # "x,y x,y ..."
    wrong: tuple[str, ...]  # its unbroken pieces
    crosses: tuple[tuple[float, float], ...]
    parts: float | None  # the x of the step at which they part
    low: float
    high: float


def chart(shown: Shown) -> Chart:
    """Both courses on one scale."""
    finite = [value for value in (*shown.right, *shown.wrong) if math.isfinite(value)]
    low, high = min(finite), max(finite)
    steps = max(len(shown.right), len(shown.wrong), 2)

    def x(t: int) -> float:
        return round(MARGIN + t * (WIDTH - 2 * MARGIN) / (steps - 1), 1)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)

    pieces: list[list[tuple[float, float]]] = [[]]
    for t, value in enumerate(shown.wrong):
        if math.isfinite(value):
            pieces[-1].append((x(t), y(value)))
        else:
            pieces.append([])
    return Chart(
        _points([(x(t), y(value)) for t, value in enumerate(shown.right)]),
        tuple(_points(piece) for piece in pieces if piece),
        tuple(point for piece in pieces for point in piece),
        None if shown.parts is None else x(shown.parts),
        low,
        high,
    )


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
