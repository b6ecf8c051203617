"""Tells what the name of an implementation stands for, before anything of it is loaded."""

from typing import Any

from harness.implementations.rows import plain_name
from references import REFERENCES

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
