"""The small chart of an example: points of an SVG, small enough to draw a hundred of them."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from harness.lesson.examples import Example

WIDTH, HEIGHT, MARGIN = 320, 130, 12
Point = tuple[float, float]


class Chart(NamedTuple):
    """Two lines in a box of WIDTH by HEIGHT; a line breaks where a number is not finite."""

    right: str  # "x,y x,y ..."
    wrong: tuple[str, ...]  # its unbroken pieces
    crosses: tuple[Point, ...]
    split: float | None  # the x of the first step at which they differ
    low: float
    high: float


def chart(example: Example) -> Chart:
    """Both lines on one scale."""
    finite = list(filter(math.isfinite, (*example.right, *example.wrong)))
    low, high = min(finite), max(finite)
    width = (WIDTH - 2 * MARGIN) / max(len(example.right) - 1, len(example.wrong) - 1, 1)

    def point(t: int, value: float) -> Point:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(MARGIN + t * width, 1), round(
            HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1
        )

    pieces: list[list[Point]] = [[]]
    for t, value in enumerate(example.wrong):
        if math.isfinite(value):
            pieces[-1].append(point(t, value))
        else:
            pieces.append([])
    return Chart(
        _points(point(t, value) for t, value in enumerate(example.right)),
        tuple(_points(piece) for piece in pieces if piece),
        tuple(point for piece in pieces for point in piece),
        None if example.split is None else point(example.split, low)[0],
        low,
        high,
    )


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
