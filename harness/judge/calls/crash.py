"""Names the place where an implementation crashed: the line of the user's own code.

A place is plain data, so that it crosses from a worker process to the reader. A traceback cannot.
"""

import linecache
import os
import sysconfig
import traceback
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from harness.printable import printable

BEFORE = "before its call something"  # begins the reason of a crash that is no doing of its own
HOME = Path(__file__).resolve().parents[3]  # the folder that holds `harness` and `references`
OURS = tuple(str(HOME / package) + os.sep for package in ("harness", "references"))
LIBRARIES = tuple(
    path + os.sep for name, path in sysconfig.get_paths().items() if name.endswith("lib")
)
PACKAGES = ("site-packages", "dist-packages")
LONGEST = 200  # characters of a source line


class CrashPlace(NamedTuple):
    """The line that raised, or the one that called what raised in a library."""

    error: str  # the exception's type
    file: str  # from the current folder on, where it lies below it
    line: int
    function: str
    source: str  # the line's text; empty where it cannot be read

    def __str__(self) -> str:
        source = self.source and f": {self.source}"
        return printable(f"{self.file}:{self.line}, in {self.function}{source}", keep="")


class _Frame(NamedTuple):
    file: str
    line: int
    function: str


def crash_place(error: BaseException) -> CrashPlace | None:
    """Returns the innermost place in the user's code; None where the error never was in any.

    That is code outside of rnn-parity, of Python's library and of what pip installed. Where the
    implementation itself was installed, its own package counts as the user's.
    """
    name = type(error).__name__
    if isinstance(error, SyntaxError):
        file, line, text = error.filename, error.lineno, error.text
        if type(file) is str and type(line) is int:  # who raises it himself may give anything
            source = text.strip()[:LONGEST] if type(text) is str else ""
            return CrashPlace(name, short_path(file), line, "<module>", source)
    frames = [
        _Frame(frame.f_code.co_filename, line, frame.f_code.co_qualname)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if not frame.f_code.co_filename.startswith(OURS[0])
    ]
    chosen = _innermost(frames)
    if chosen is None:
        return None
    source = linecache.getline(chosen.file, chosen.line).strip()[:LONGEST]
    return CrashPlace(name, short_path(chosen.file), chosen.line, chosen.function, source)


def _innermost(frames: Sequence[_Frame]) -> _Frame | None:
    """Returns the last of the user's frames, else of the first package, else of `references`."""
    for frame in reversed(frames):
        if is_users(frame.file):
            return frame
    first = next(filter(None, (_package(frame.file) for frame in frames)), "")
    for frame in reversed(frames):
        if _package(frame.file) == first if first else frame.file.startswith(OURS):
            return frame
    return None


@lru_cache(1024)
def is_users(file: str) -> bool:
    """Tells whether a code object's file is the user's, and neither ours nor a library's."""
    return not (
        file.startswith((*OURS, *LIBRARIES, "<frozen", "<__array_function__"))
        or any(f"{os.sep}{folder}{os.sep}" in file for folder in PACKAGES)
    )


@lru_cache(1024)
def _package(file: str) -> str:
    """Returns the folder of the installed package that holds the file; empty for other code."""
    if file.startswith(OURS):
        return ""
    for folder in PACKAGES:
        before, separator, after = file.rpartition(f"{os.sep}{folder}{os.sep}")
        if separator:
            return os.path.join(before, folder, after.partition(os.sep)[0])
    return ""


def short_path(file: str) -> str:
    """Returns the path from the current folder on, where the file lies below it."""
    try:
        here = os.getcwd() + os.sep
    except OSError:  # the folder is gone
        return file
    return file.removeprefix(here)
