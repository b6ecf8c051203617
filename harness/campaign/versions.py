"""The versions under which a shard ran: a row of the journal holds them, and a resume compares."""

import hashlib
import platform
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from harness.runs.resolve import module_name, reference_of
from references import REFERENCES

DISTRIBUTIONS = (
    "rnn-parity",
    *(name for row in REFERENCES.values() for name in row.distributions),
)
OURS = {"harness", "references"}
INSTALLED = {"site-packages", "dist-packages"}
STDLIB = Path(sysconfig.get_path("stdlib")).resolve()
# By the user's module, the digest of each file as it was when it was loaded.
_digests: dict[str, dict[str, str]] = {}


def versions(names: Iterable[str] = ()) -> dict[str, str]:
    """Returns versions by name.

    Of a user's module, and of those that it has loaded from its own folder, this is the beginning
    of the file's SHA-256. Each file is read once, soon after it is loaded: call this after loading
    the implementations, and again after running them.
    """
    result = dict(_installed())
    for module in (name.rpartition(":")[0] for name in names if not reference_of(name)):
        digests = _digests.setdefault(module, {})
        digests |= {name: _digest(path) for name, path in _files(module) if name not in digests}
        result |= digests
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


def _files(module: str) -> Iterator[tuple[str, Path]]:
    """Yields the module's own file and the loaded ones below its folder, each with a label."""
    own = _path(sys.modules.get(module_name(module)))
    if own is None:
        return
    yield module, own
    if own.parent.name in INSTALLED:
        return
    for name, other in list(sys.modules.items()):
        path = None if name.partition(".")[0] in OURS else _path(other)
        if path in (None, own) or not path.is_relative_to(own.parent) or not path.is_file():
            continue
        beside = path.relative_to(own.parent)
        if not path.is_relative_to(STDLIB) and not INSTALLED & set(beside.parts):
            yield f"{module}: {beside.as_posix()}", path


def _path(module: object) -> Path | None:
    file = getattr(module, "__file__", None)
    return Path(file).resolve() if isinstance(file, str) and file else None


def _digest(path: Path) -> str:
    try:
        return "sha256 " + hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    except OSError as error:
        return f"unreadable ({error.strerror})"
