"""The versions under which a shard ran: a row of the journal holds them, and a resume compares."""

import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from harness.runs.worker import digests_of
from references import REFERENCES

DISTRIBUTIONS = (
    "rnn-parity",
    *(name for row in REFERENCES.values() for name in row.distributions),
)


def versions(names: Iterable[str] = ()) -> dict[str, str]:
    """Returns versions by name: of a user's module, see `harness.implementations.digests`.

    Call this after loading the implementations, and again after running them.
    """
    result = dict(_installed())
    for name in names:
        result |= digests_of(name)
    return result


@cache
def _installed() -> Mapping[str, str]:
    """Returns Python's version and the distributions'; first called before the user's code runs."""
    result = {"python": platform.python_version()}
    for name in DISTRIBUTIONS:
        with suppress(PackageNotFoundError):
            result[name] = version(name)
    return result


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """Says what has changed, or returns "". A file that only one of them has is no change."""
    sentences = [
        f"{name} was {old[name]} and is {value}"
        for name, value in sorted(new.items())
        if old.get(name, value) != value
    ]
    gone = [name for name in DISTRIBUTIONS if name in old and name not in new]
    return ", ".join(
        [*sentences, *(f"{name} was {old[name]} and is not installed" for name in gone)]
    )
