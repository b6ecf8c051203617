"""The folder by which a program gets cases and leaves outputs: `references/README.md` has the page.

What a program leaves is material from outside: plain files of the right names and sizes are read,
and nothing else: for anything else the program has crashed, with a sentence about "it".
"""

import io
import math
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from harness.draw.saved import checksum
from harness.judge.calls.returned import Observation, take_outputs
from harness.printable import one_line
from references.as_arrays import arrays_by_name, arrays_in, outputs_from, pack
from references.case import Case, Outputs
from references.cells import CELLS

SUFFIX = ".safetensors"
OUT = f".out{SUFFIX}"
UNSUPPORTED = ".unsupported"
LONGEST_TEXT = 10_000  # bytes of a refusal that are read
ROOM = 1 << 20  # bytes of a file beside its numbers
WIDEST = 8  # bytes of a number
MOST_NAMES = 3  # files that a sentence names
NPY_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


class Misfit(ValueError):
    """Says what is wrong with a file that a program has left."""


def case_bytes(case: Case) -> bytes:
    """Returns the file of a case: its arrays, and as texts what is computed."""
    return pack(arrays_by_name(case), texts_of(case))


def texts_of(case: Case) -> dict[str, str]:
    """Says by name what is computed, in a word or a number: a reader needs no second parser."""
    table: dict[str, Any] = {**asdict(case.config), "masked_output": case.masked_output}
    return {name: _text(value) for name, value in table.items()}


def digest_of(case: Case) -> str:
    """Returns what tells the file of a case from others."""
    return checksum(arrays_by_name(case), repr(texts_of(case)))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def names_of(count: int) -> list[str]:
    """Returns the names of so many cases, in order."""
    return [f"{number:04}" for number in range(count)]


def answers_in(folder: Path) -> set[str]:
    """Returns the names of cases for which something was left."""
    names = (name.partition(".") for name in _files(folder))
    return {name for name, _, rest in names if f".{rest}" != SUFFIX}


def _files(folder: Path) -> list[str]:
    """Returns the names in the folder, of which a program may leave nothing."""
    with suppress(OSError):
        return os.listdir(folder)
    return []


def observation_in(folder: Path, name: str, case: Case) -> Observation:
    """Returns what the program left for a case: well-formed outputs, or why there are none."""
    try:
        refusal = _read(folder / f"{name}{UNSUPPORTED}", LONGEST_TEXT)
        arrays = _arrays(folder, name, case)
        if refusal is None:
            return take_outputs(case, _outputs(arrays, folder, name), exact_dtype=False)
        if arrays:
            raise Misfit(f"it left outputs, and {name}{UNSUPPORTED} too")
    except Misfit as error:
        return Observation(None, "crashed", str(error))
    text = one_line(refusal.decode(errors="backslashreplace"), 300)
    return Observation(None, "refused", text or "no reason was given")


def _arrays(folder: Path, name: str, case: Case) -> dict[str, np.ndarray]:
    """Returns the arrays that were left for a case, from one file or from one file each."""
    sizes = _sizes(case)
    data = _read(folder / f"{name}{OUT}", sum(sizes.values()) * WIDEST + ROOM)
    files = {part: f"{name}.{part}.npy" for part in sizes}
    single = {
        part: (file, content)
        for part, file in files.items()
        if (content := _read(folder / file, sizes[part] * WIDEST + ROOM)) is not None
    }
    if data is None:
        return {part: _array(*content) for part, content in single.items()}
    if single:
        raise Misfit(f"it left {name}{OUT}, and {next(iter(single.values()))[0]} too")
    try:
        arrays = arrays_in(data)
    except ValueError as error:
        raise Misfit(f"its {name}{OUT} is no safetensors file: {one_line(error)}") from error
    if others := sorted(arrays.keys() - sizes):
        raise Misfit(
            f"its {name}{OUT} holds {one_line(others[0], 60)!r}, expected sequence, and what there "
            f"is of {', '.join([*sizes][1:])}"
        )
    return arrays


def _sizes(case: Case) -> Mapping[str, int]:
    """Returns how many numbers each array may have that a program can leave for a case."""
    sequence = case.batch * case.time * case.config.output_size
    states = {f"{state}_n": case.h_0.size for state in CELLS[case.config.cell].STATES}
    layers = {f"layers.{index}": sequence for index in range(case.config.num_layers)}
    return {"sequence": sequence, **states, **layers}


def _outputs(arrays: Mapping[str, np.ndarray], folder: Path, name: str) -> Outputs:
    if not arrays:
        files = sorted(file for file in _files(folder) if file.startswith(f"{name}."))
        others = [one_line(file, 60) for file in files if file != f"{name}{SUFFIX}"]
        there = f"; it left {', '.join(others[:MOST_NAMES])}" if others else ""
        raise Misfit(
            f"it left no outputs for a case, expected {name}{OUT} or {name}.sequence.npy{there}"
        )
    try:
        return outputs_from(arrays)
    except KeyError as error:
        raise Misfit(f"its outputs for {name} have no {one_line(error.args[0])}") from error


def _array(file: str, data: bytes) -> np.ndarray:
    """Returns the array of a .npy file, which holds no objects and no more than it says."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        shape, by_columns, dtype = NPY_HEADERS[version](stream)
        size = math.prod(shape)
        rest = len(data) - stream.tell()
        if dtype.hasobject or dtype.kind not in "fiub" or size * dtype.itemsize != rest:
            raise ValueError
        array = np.frombuffer(data, dtype, size, stream.tell())
    except Exception as error:  # its header is an expression of Python's, which may be anything
        raise Misfit(f"its {file} is no .npy file of numbers") from error
    return array.reshape(shape, order="F" if by_columns else "C")


def _read(path: Path, largest: int) -> bytes | None:
    """Returns the bytes of a plain file; None where there is none. Raises Misfit."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise Misfit(f"its {path.name} is no plain file")
        with open(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            data = file.read(largest + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Misfit(f"its {path.name} cannot be read: {error.strerror}") from error
    if len(data) > largest:
        size = f"{status.st_size:,} bytes, more than {largest:,}"
        raise Misfit(f"its {path.name} is larger than outputs of this case can be: {size}")
    return data
