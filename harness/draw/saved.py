"""A case in a file: arrays without pickle, facts as JSON, a checksum over both (safetensors)."""

import hashlib
import json
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from harness.draw.limits import LARGEST
from harness.printable import one_line
from references.as_arrays import arrays_by_name, case_from, pack, table_of, unpack
from references.case import Case

FORMAT = 2
# The formats that are read, with the arrays that had other names there: 1 is that of 0.1.0.
RENAMED: dict[int, dict[str, str]] = {1: {"initial_state": "h_0"}, FORMAT: {}}
LARGEST_FILE = 8 * LARGEST + (1 << 20)
LONGEST = 200  # characters of a file's name, or of what is in it, in a sentence
Contents = tuple[Case, dict[str, Any]]


class Unreadable(ValueError):
    """A file is no saved case that this version reads; the text says why."""


def save_case(case: Case, path: Path, facts: Mapping[str, Any] | None = None) -> None:
    """Writes the case to one file, with facts of the caller's such as versions."""
    write_whole(path, case_bytes(case, facts))


def save_beside(case: Case, path: Path, facts: Mapping[str, Any] | None = None) -> Path:
    """Writes the case to a file of this name and a digest of the case, and returns its path.

    So two runs that save to one folder lose no case. The bytes of a file are no measure of it:
    safetensors writes metadata in any order.
    """
    digest = checksum(arrays_by_name(case), json.dumps(table_of(case)))
    path = path.with_name(f"{path.stem}-{digest[:8]}{path.suffix}")
    save_case(case, path, facts)
    return path


def write_whole(path: Path, data: bytes) -> None:
    """Writes the file beside its place and renames it: there is never half a file of this name."""
    new = path.with_name(f"{secrets.token_hex(8)}.new")
    try:
        new.write_bytes(data)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def case_bytes(case: Case, facts: Mapping[str, Any] | None = None) -> bytes:
    """What `save_case` writes."""
    arrays = arrays_by_name(case)
    about = json.dumps({"format": FORMAT, **table_of(case), "facts": facts or {}})
    return pack(arrays, {"rnn-parity": about, "sha256": checksum(arrays, about)})


def load_case(path: Path) -> Contents:
    """The case and the facts.

    Raises Unreadable for a file that is missing, too large, cut, altered or too new.
    """
    name = one_line(path, LONGEST)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise Unreadable(f"{name} is no plain file")
        if status.st_size > LARGEST_FILE:
            raise Unreadable(
                f"{name} holds {status.st_size} bytes, "
                f"more than the {LARGEST_FILE} that a saved case can have"
            )
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{name} cannot be read: {error.strerror}") from error
    except Unreadable:
        raise
    except ValueError as error:  # a name that no file can have
        raise Unreadable(f"{name} cannot be read: {error}") from error
    return read_case(name, data)


def read_case(name: str, data: bytes) -> Contents:
    """The case and the facts in the bytes of a file of this name. Raises Unreadable."""
    try:
        arrays, metadata = unpack(data)
        about_text, seal = metadata["rnn-parity"], metadata["sha256"]
        about = json.loads(about_text)
        if not isinstance(about, dict):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable(f"{name} is no saved case, or is cut off") from error
    version = about.get("format")
    if type(version) is not int or version not in RENAMED:
        raise Unreadable(
            f"{name} has format {one_line(version, LONGEST)}, this version reads {FORMAT} and "
            "older; a newer rnn-parity may have written it"
        )
    if checksum(arrays, about_text) != seal:
        raise Unreadable(f"{name} was altered: its checksum does not fit its contents")
    renamed = RENAMED[version]
    arrays = {renamed.get(key, key): array for key, array in arrays.items()}
    try:
        return _case(arrays, about)
    except KeyError as error:
        reason = f"it has no {error.args[0]}"
    except (TypeError, ValueError) as error:
        reason = one_line(error, LONGEST)
    raise Unreadable(f"{name} does not hold a case that fits together: {reason}")


def checksum(arrays: Mapping[str, np.ndarray], about: str) -> str:
    """Returns the digest of arrays by name, and of a text."""
    sha = hashlib.sha256(about.encode())
    for name in sorted(arrays):
        sha.update(repr((name, arrays[name].shape, str(arrays[name].dtype))).encode())
        sha.update(np.ascontiguousarray(arrays[name]).tobytes())
    return sha.hexdigest()


def _case(arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> Contents:
    case = case_from(about, arrays)
    if not isinstance(about["facts"], dict):
        raise TypeError("its facts are no table")
    return case, about["facts"]
