"""Tells what the name of an implementation stands for, before anything of it is loaded.

A report has rows by such names, or by a name and a cell where that is judged alone.
"""

from typing import Any

from references import REFERENCES
from references.cells import CELLS

PREFIX = "command:"


def is_program(name: object) -> bool:
    """Tells whether a name stands for a program."""
    return isinstance(name, str) and name.startswith(PREFIX)


def reference_of(implementation: Any) -> str:
    """Returns the reference that a name or a variant's name begins with.

    The text is empty for a user's function, be its file in a folder `torch` or not.
    """
    is_name = isinstance(implementation, str) and ":" not in implementation
    name = plain_name(implementation).partition("/")[0] if is_name else ""
    return name if name in REFERENCES else ""


def is_users(name: str) -> bool:
    """Tells whether a name stands for a user's function."""
    return not reference_of(name)


def is_function(name: str) -> bool:
    """Tells whether a name stands for a user's function in Python, and for no program."""
    return ":" in name and not is_program(name)


def row_name(name: str, cell: str) -> str:
    """Returns the name of a row of one cell's cases: `keras/graph gru`."""
    return f"{name} {cell}"


def cell_of(name: str) -> str:
    """Returns the cell that such a name ends with; the text is empty for other names."""
    rest, _, cell = name.rpartition(" ")
    return cell if rest and ":" not in name and cell in CELLS else ""


def plain_name(name: str) -> str:
    """Returns the implementation of such a row: `keras/graph`. Other names stay as they are."""
    return name.removesuffix(f" {cell}") if (cell := cell_of(name)) else name
