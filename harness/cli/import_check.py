"""Checks that `harness` and `references` are imported from this installation.

Other folders may hold packages of the same names. This module imports nothing of ours, nor NumPy.
"""

import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("harness", "references")
HOME = Path(__file__).resolve().parents[2]  # the folder that holds both


def misplaced() -> Iterator[str]:
    """Yields a sentence for each package that is or would be imported from another place."""
    for name in PACKAGES:
        module = sys.modules.get(name)
        place = _place(getattr(module, "__spec__", None) if module else find_spec(name))
        if place and place != HOME / name:
            yield (
                f"{name} is imported from {place}, not from {HOME / name}, and rnn-parity cannot "
                "work like this: rename it, take it off PYTHONPATH, or run from another folder"
            )


def shadows(folder: Path) -> Iterator[str]:
    """Yields a sentence for each package that Python would import from this folder instead."""
    for name in PACKAGES:
        place = _place(PathFinder.find_spec(name, [str(folder)]))
        if place and place != HOME / name:
            yield (
                f"{place} shadows rnn-parity's own {name} where this folder comes first on "
                "Python's path: in `python -m pytest`, in scripts that stand here, and in pytest "
                "where a conftest.py stands here. `rnn-parity` works, and so does `pytest -p "
                "harness.pytest_plugin` for what does not import the other; else rename it, or "
                "run from another folder."
            )


def _place(spec: object) -> Path | None:
    """Returns the folder of a package, or the file of a module."""
    locations = list(getattr(spec, "submodule_search_locations", None) or ())
    origin = locations[0] if locations else getattr(spec, "origin", None)
    return Path(origin).resolve() if origin else None
