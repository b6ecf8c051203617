"""The tables, as text: the page and the notebook lay them out."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from harness.judge.judge import judge
from harness.lesson.bound import Bound
from harness.lesson.material import Material
from harness.lesson.sequences import Together, scaled
from harness.mistakes.catalogue import BY_NAME


class Table(NamedTuple):
    """A heading for each column, and rows of as many cells; `numbers` says which columns hold numbers."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[bool, ...]


def table(name: str, material: Material) -> Table:
    """The table of that name, one of TABLES."""
    return TABLES[name](material)


def _together(material: Material) -> Table:
    shown = material.single
    rows = tuple(
        (
            title,
            f"{other.equal:,}",
            f"{shown.loop.size - other.equal:,}",
            f"{other.difference.max():.1e}",
            f"{other.worst_ratio:.3f}",
            "agrees" if other.agrees else "does not agree",
        )
        for title, other in shown.others.items()
    )
    return Table(
        ("", "equal bits", "other bits", "largest difference", "worst share", "verdict"),
        rows,
        (False, *[True] * 4, False),
    )


def _bound(material: Material) -> Table:
    def column(found: Bound) -> tuple[str, ...]:
        return (
            str(found.terms),
            f"{found.unit_roundoff:.3e}",
            f"{found.gamma:.3e}",
            f"{found.magnitude:.6f}",
            f"{found.sum:+.6f}",
            f"{found.slope:.6f}",
            f"{found.expected:+.6f}",
            f"{found.allowed:.2e}",
            f"{abs(found.actual - found.expected):.2e}".replace("0.00e+00", "0"),
        )

    parts = (
        "n, terms",
        "u",
        "\N{GREEK SMALL LETTER GAMMA}",
        "S, sizes added up",
        "the sum",
        "slope of tanh there",
        "the output",
        "allowed",
        "difference of the loop",
    )
    return Table(
        ("", *(found.dtype for found in material.bounds)),
        tuple(zip(parts, *map(column, material.bounds), strict=True)),
        (False, True, True),
    )


def _precision(material: Material) -> Table:
    def row(shown: Together) -> tuple[str, ...]:
        info = np.finfo(shown.case.config.dtype)
        return (
            shown.case.config.dtype,
            str(info.nmant + 1),
            f"{2.0 ** -(info.nmant + 1):.1e}",
            f"{np.median([other.band for other in shown.others.values()]):.1e}",
            f"{max(float(other.difference.max()) for other in shown.others.values()):.1e}",
        )

    return Table(
        ("", "bits", "u", "allowed in one step (median)", "largest difference seen"),
        (row(material.single), row(material.double)),
        (False, True, True, True, True),
    )


def _blind(material: Material) -> Table:
    case = scaled("float64")

    def seen_by_judge(name: str) -> bool:
        mistake = BY_NAME[name]
        return (
            judge(case, mistake.plant(), name, calls=2 if mistake.stateful else 1).kind != "agrees"
        )

    def word(seen: bool) -> str:
        return "✓ seen" if seen else "✗ missed"

    rows = tuple(
        (item.name, word(item.notebook), word(item.scaled), word(seen_by_judge(item.name)))
        for item in material.blind.missed
    )
    return Table(
        (
            "mistake",
            "np.allclose, notebook's numbers",
            "np.allclose, scaled numbers",
            "rnn-parity, scaled numbers",
        ),
        rows,
        (False,) * 4,
    )


TABLES: dict[str, Callable[[Material], Table]] = {
    "together": _together,
    "bound": _bound,
    "precision": _precision,
    "blind": _blind,
}
