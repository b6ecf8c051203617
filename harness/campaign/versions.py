"""The versions under which a shard was run: a row of the journal holds them, and a resume compares."""

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
_files: dict[
    str, dict[str, str]
] = {}  # by module: what was found the first time, when it was loaded


def versions(names: Iterable[str] = ()) -> dict[str, str]:
    """Versions by name; of a user's module, and of those that it has loaded from its own folder, the beginning of the file's SHA-256.

    A file is looked at once, soon after it is loaded: to be called when the implementations have been, and when they have run.
    """
    found = dict(_installed())
    for name in names:
        if not reference_of(name):
            where = name.rpartition(":")[0]
            known = _files.setdefault(where, {})
            known |= {told: _digest(path) for told, path in _loaded(where) if told not in known}
            found |= known
    return found


@cache
def _installed() -> Mapping[str, str]:
    """Python and the distributions; asked once, before code of the user's runs."""
    found = {"python": platform.python_version()}
    for name in DISTRIBUTIONS:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def changes(known: Mapping[str, str], new: Mapping[str, str]) -> str:
    """What is not as it was, in words; empty where nothing is. A file that was not loaded before, or is not any more, is no change."""
    told = [
        f"{name} was {known[name]} and is {value}"
        for name, value in sorted(new.items())
        if known.get(name, value) != value
    ]
    told += [
        f"{name} was {known[name]} and is not installed"
        for name in DISTRIBUTIONS
        if name in known and name not in new
    ]
    return ", ".join(told)


def _loaded(where: str) -> Iterator[tuple[str, Path]]:
    """The module's own file, and those below its folder that are loaded; as they are told, relative to the folder."""
    module = sys.modules.get(module_name(where))
    if module is None or not getattr(module, "__file__", None):
        return
    own = Path(str(module.__file__)).resolve()
    yield where, own
    for name, other in list(sys.modules.items()):
        file = getattr(other, "__file__", None)
        if (
            not isinstance(file, str)
            or name.partition(".")[0] in OURS
            or own.parent.name in INSTALLED
        ):
            continue
        path = Path(file).resolve()
        if (
            path != own
            and path.is_relative_to(own.parent)
            and not path.is_relative_to(STDLIB)
            and path.is_file()
        ):
            beside = path.relative_to(own.parent)
            if not INSTALLED & set(beside.parts):
                yield f"{where}: {beside.as_posix()}", path


def _digest(path: Path) -> str:
    try:
        return "sha256 " + hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    except OSError as error:
        return f"unreadable ({error.strerror})"
