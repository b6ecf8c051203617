"""Tells what the name of an implementation stands for, before anything of it is loaded.

A report has rows by such names, or by a name and a cell where that is judged alone.
"""

from collections.abc import Iterable
from typing import Any

from references import REFERENCES, variants
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


def group_of(name: str) -> str:
    """Returns the framework whose implementations share a process, or a function's own name.

    A user's function has a process of its own, so that what it leaves behind harms no other.
    """
    return reference_of(name) or name


def by_group(names: Iterable[str]) -> dict[str, list[str]]:
    """Returns the names by their groups, in order."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(group_of(name), []).append(name)
    return groups


def in_import_order(implementations: Iterable[Any]) -> list[Any]:
    """Sorts references and their variants in the table's order, and puts the others behind.

    The table's order is the one in which frameworks are imported.
    """
    table = [*REFERENCES, ""]
    return sorted(implementations, key=lambda item: table.index(reference_of(item)))


def expanded(implementations: Iterable[Any]) -> list[Any]:
    """Replaces `torch/all` by the plain reference and all its variants."""
    names: list[Any] = []
    for item in implementations:
        reference = reference_of(item)
        every = reference and item == f"{reference}/all"
        names += [reference, *variants(reference)] if every else [item]
    return names
