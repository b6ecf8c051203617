"""The tables, as text: the page and the notebook lay them out."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from harness.judge.bounds.activation import FUNCTIONS
from harness.lesson.bound import Bound
from harness.lesson.experiments import Experiment
from harness.lesson.material import Material

GAMMA = "\N{GREEK SMALL LETTER GAMMA}"


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
        "u": lambda one: f"{one.unit_roundoff:.6e}",
        GAMMA: lambda one: f"{one.gamma:.6e}",
        f"{GAMMA}₆₄": lambda one: f"{one.own_gamma:.6e}",
        "S, sizes added up": lambda one: f"{one.magnitude:.8f}",
        "the sum": lambda one: f"{one.sum:+.8f}",
        "slope of tanh there": lambda one: f"{one.slope:.8f}",
        "the output": lambda one: f"{one.expected:+.8f}",
        f"slope · ({GAMMA} + {GAMMA}₆₄) · S": lambda one: f"{one.from_sum:.4e}",
        f"({FUNCTIONS['tanh'].k} · 2u + 2⁻⁵¹) · |output|": lambda one: f"{one.from_tanh:.4e}",
        "allowed, their sum": lambda one: f"{one.allowed:.3e}",
        "difference of the loop": lambda one: f"{one.difference:.2e}",
    }
    rows = tuple((name, *map(part, material.bounds)) for name, part in parts.items())
    return Table(("", *(one.dtype for one in material.bounds)), rows, (False, True, True))


def _precision(material: Material) -> Table:
    def row(experiment: Experiment) -> tuple[str, ...]:
        dtype = experiment.case.config.dtype
        bits = np.finfo(dtype).nmant + 1
        bands = [outcome.band for outcome in experiment.outcomes.values()]
        numbers = (2.0**-bits, np.median(bands), experiment.largest("difference"))
        return dtype, str(bits), *(f"{number:.1e}" for number in numbers)

    headings = ("", "bits", "u", "allowed in one step (median)", "largest difference from the loop")
    return Table(headings, (row(material.single), row(material.double)), (False, *[True] * 4))


def _comparison(material: Material) -> Table:
    columns = {
        "np.allclose, textbook's numbers": material.allclose.notebook.audit,
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
