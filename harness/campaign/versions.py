"""The versions under which a shard was run: a row of the journal holds them, and a resume compares."""

import hashlib
import platform
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from references import REFERENCES

DISTRIBUTIONS = ("rnn-parity", "numpy", "torch", "keras", "tensorflow", "tensorflow-cpu")


def versions(names: Iterable[str] = ()) -> dict[str, str]:
    """Versions by name; of a user's own module, once it is imported, the beginning of its file's SHA-256."""
    found = {"python": platform.python_version()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    for where in dict.fromkeys(name.rpartition(":")[0] for name in names if name.partition("/")[0] not in REFERENCES):
        path = where if where.endswith(".py") else getattr(sys.modules.get(where), "__file__", None)
        if path and Path(path).is_file():
            found[where] = "sha256 " + hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
    return found


def changes(known: Mapping[str, str], new: Mapping[str, str]) -> str:
    """What is not as it was, in words; empty where nothing is. What was not known before is no change."""
    return ", ".join(f"{name} was {known[name]} and is {value}" for name, value in sorted(new.items()) if known.get(name, value) != value)
