"""Tells the versions of a user's files apart, in the process that has loaded them."""

import hashlib
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from harness.implementations.find import module_name

OURS = {"harness", "references"}
INSTALLED = {"site-packages", "dist-packages"}
STDLIB = Path(sysconfig.get_path("stdlib")).resolve()
# By the user's module, the digest of each file as it was when it was loaded.
_digests: dict[str, dict[str, str]] = {}


def digests(module: str) -> dict[str, str]:
    """Returns the beginning of the SHA-256 of a user's module, and of what it loaded beside it.

    Each file is read once, soon after it is loaded: call this after the import, and again after
    calls.
    """
    files = _digests.setdefault(module, {})
    files |= {name: digest(path) for name, path in _files(module) if name not in files}
    return files


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


def digest(path: Path) -> str:
    """The beginning of a file's SHA-256; or why it cannot be read."""
    try:
        with path.open("rb") as file:
            return "sha256 " + hashlib.file_digest(file, "sha256").hexdigest()[:12]
    except OSError as error:
        return f"unreadable ({error.strerror})"
