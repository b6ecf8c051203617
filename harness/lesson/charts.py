"""The small chart of an example: points of an SVG, small enough to draw a hundred of them."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from harness.lesson.examples import Example

WIDTH, HEIGHT, MARGIN = 320, 130, 12
Point = tuple[float, float]


class Line(NamedTuple):
    """One line in a box of WIDTH by HEIGHT; it breaks where a number cannot be drawn."""

    pieces: tuple[str, ...]  # "x,y x,y ..."
    points: tuple[Point, ...]


class Chart(NamedTuple):
    """The right line and the wrong one; where they coincide, their difference on a log axis."""

    right: Line
    wrong: Line
    split: float | None  # the x of the first step at which they differ
    low: float
    high: float
    difference: Line | None = None
    least: float = 0.0  # the ends of the log axis
    most: float = 0.0


def chart(example: Example) -> Chart:
    """Both lines on one scale."""
    finite = list(filter(math.isfinite, (*example.right, *example.wrong)))
    low, high = min(finite), max(finite)
    steps = max(len(example.right), len(example.wrong))
    right, wrong = (_line(line, steps, low, high) for line in (example.right, example.wrong))
    split = None if example.split is None else _x(example.split, steps)
    both = Chart(right, wrong, split, low, high)
    if not example.coincide:
        return both
    # 0 has no logarithm: a step at which they are equal breaks the line.
    powers = [math.log10(one) if one > 0 else math.nan for one in example.difference]
    finite = list(filter(math.isfinite, powers))
    least, most = math.floor(min(finite)), math.ceil(max(finite))
    return both._replace(
        difference=_line(powers, steps, least, most), least=10.0**least, most=10.0**most
    )


def _line(values: Iterable[float], steps: int, low: float, high: float) -> Line:
    pieces: list[list[Point]] = [[]]
    for t, value in enumerate(values):
        if math.isfinite(value):
            share = (value - low) / (high - low) if high > low else 0.5
            y = round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)
            pieces[-1].append((_x(t, steps), y))
        else:
            pieces.append([])
    points = tuple(point for piece in pieces for point in piece)
    return Line(tuple(_text(piece) for piece in pieces if piece), points)


def _x(t: int, steps: int) -> float:
    return round(MARGIN + t * (WIDTH - 2 * MARGIN) / max(steps - 1, 1), 1)


def _text(points: Iterable[Point]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
