"""Lays out the table of a result, for `verify`, `compare` and campaigns alike."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segments
from rich.table import Column, Table
from rich.text import Text

from harness.judge.verdict import KINDS
from harness.printable import one_line

# These columns are left out where every cell is zero.
OPTIONAL = ("crashed", "inconclusive", "known", "wider", "undecided")
# Numbers by heading, and their names in a report's document.
NUMBERS = {"wider": "wider", "outputs": "outputs", "equal": "exact", "undecided": "undecided"}
LEAST_NAME = 16  # letters of an implementation's name, before it goes on in the next line


def print_table(console: Console, table: Table) -> None:
    """Prints a table whose numbers are whole, be the terminal narrower than they are."""
    numbers = (column for column in table.columns if column.no_wrap)
    lengths = [max(cell_len(str(cell)) for cell in (one.header, *one.cells)) for one in numbers]
    least = sum(lengths) + len(lengths) + LEAST_NAME + 2
    options = console.options.update(width=max(least, console.width))
    console.print(Segments(console.render(table, options)), soft_wrap=True, end="")


def as_text(print_to: Callable[[Console, bool], None], verbose: bool) -> str:
    """Returns what a `print_to` prints."""
    stream = io.StringIO()
    # In a notebook rich prints past the file.
    print_to(Console(file=stream, width=110, color_system=None, force_jupyter=False), verbose)
    return stream.getvalue()


def columns_of(implementations: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Returns the cells of a table by heading, from entries of a report's document.

    A column of OPTIONAL is left out where it is zero throughout.
    """
    columns = {"implementation": [entry["name"] for entry in implementations]}
    for kind in (*KINDS, "known"):
        columns[kind] = [f"{entry['counts'].get(kind, 0):,}" for entry in implementations]
    for heading, key in NUMBERS.items():
        columns[heading] = [f"{entry[key]:,}" for entry in implementations]
    columns["ratio"] = [ratio_text(float(entry["worst_ratio"])) for entry in implementations]
    empty = [heading for heading in OPTIONAL if set(columns[heading]) <= {"0"}]
    return {heading: cells for heading, cells in columns.items() if heading not in empty}


def ratio_text(ratio: float) -> str:
    """A ratio in a few letters, however large it is."""
    return f"{ratio:.3f}" if ratio < 1000 else f"{ratio:.1e}"


def terminal_table(
    columns: Mapping[str, Sequence[str]], justify: Literal["left", "right"] = "right"
) -> Table:
    """Lays out a table for a terminal; columns but the first are numbers, or words to the left."""
    name, *headings = columns
    is_words = justify == "left"
    table = Table(
        Column(name, overflow="fold", min_width=0 if is_words else LEAST_NAME),
        *(
            Column(one_line(heading), justify=justify, no_wrap=not is_words, overflow="fold")
            for heading in headings
        ),
        box=box.SIMPLE,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    return table
