"""The tables, as text: the page and the notebook lay them out."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from harness.lesson.bound import Bound
from harness.lesson.experiments import Experiment
from harness.lesson.material import Material


class Table(NamedTuple):
    """A heading for each column, and rows of as many cells."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[bool, ...]  # which columns hold numbers


def table(name: str, material: Material) -> Table:
    """The table of that name, one of TABLES."""
    return TABLES[name](material)


def _outcomes(material: Material) -> Table:
    headings = ("bit-identical", "different", "largest difference", "worst share", "verdict")
    rows = tuple(
        (
            title,
            f"{outcome.equal:,}",
            f"{outcome.different:,}",
            f"{outcome.difference.max():.1e}",
            f"{outcome.worst_ratio:.3f}",
            "agrees" if outcome.agrees else "does not agree",
        )
        for title, outcome in material.single.outcomes.items()
    )
    return Table(("", *headings), rows, (False, *[True] * 4, False))


def _bound(material: Material) -> Table:
    parts: dict[str, Callable[[Bound], str]] = {
        "n, terms": lambda one: str(one.terms),
        "u": lambda one: f"{one.unit_roundoff:.3e}",
        "\N{GREEK SMALL LETTER GAMMA}": lambda one: f"{one.gamma:.3e}",
        "S, sizes added up": lambda one: f"{one.magnitude:.6f}",
        "the sum": lambda one: f"{one.sum:+.6f}",
        "slope of tanh there": lambda one: f"{one.slope:.6f}",
        "the output": lambda one: f"{one.expected:+.6f}",
        "allowed": lambda one: f"{one.allowed:.2e}",
        "difference of the loop": lambda one: _or_0(abs(one.actual - one.expected)),
    }
    rows = tuple((name, *map(part, material.bounds)) for name, part in parts.items())
    return Table(("", *(one.dtype for one in material.bounds)), rows, (False, True, True))


def _or_0(value: float) -> str:
    return f"{value:.2e}" if value else "0"


def _precision(material: Material) -> Table:
    def row(experiment: Experiment) -> tuple[str, ...]:
        dtype = experiment.case.config.dtype
        bits = np.finfo(dtype).nmant + 1
        bands = [outcome.band for outcome in experiment.outcomes.values()]
        numbers = (2.0**-bits, np.median(bands), experiment.largest("difference"))
        return dtype, str(bits), *(f"{number:.1e}" for number in numbers)

    headings = ("", "bits", "u", "allowed in one step (median)", "largest difference observed")
    return Table(headings, (row(material.single), row(material.double)), (False, *[True] * 4))


def _comparison(material: Material) -> Table:
    columns = {
        "np.allclose, notebook's numbers": material.allclose.notebook.audit,
        "np.allclose, scaled numbers": material.allclose.scaled.audit,
        "rnn-parity, scaled numbers": material.allclose.judge,
    }
    rows = tuple(
        (name, *("✗ missed" if name in one.missed else "✓ caught" for one in columns.values()))
        for name in material.allclose.missed
    )
    return Table(("mistake", *columns), rows, (False,) * 4)


TABLES: dict[str, Callable[[Material], Table]] = {
    "outcomes": _outcomes,
    "bound": _bound,
    "precision": _precision,
    "comparison": _comparison,
}
