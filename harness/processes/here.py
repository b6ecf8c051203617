"""Notes in a file at which verdict a worker process is, for the process that watches it."""

import mmap
import os
import struct
from time import monotonic
from typing import Any

# Seconds that a job may take outside its verdicts: importing a framework, drawing, shrinking.
LOAD_LIMIT = 600.0
NOWHERE = -1.0
IMPORT = -2.0  # the index while an implementation is imported, for which a verdict's time is given
_process = 0
# The implementation's position in the block, the case's index, since when (time.monotonic).
_here: Any = [NOWHERE, NOWHERE, 0.0]


def make_notes(file: str) -> Any:
    """Writes the file, at no verdict yet, and opens it for the side that looks."""
    with open(file, "wb") as stream:
        stream.write(struct.pack("3d", NOWHERE, NOWHERE, 0.0))
    return open_notes(file)


def open_notes(file: str) -> Any:
    """Opens the file for the side that writes: three numbers of memory that both sides share."""
    with open(file, "r+b") as stream:
        return memoryview(mmap.mmap(stream.fileno(), 0)).cast("d")


def write_to(file: str) -> None:
    """Writes the notes of this process there from now on."""
    global _here, _process
    _here, _process = open_notes(file), os.getpid()


def here_is(name: float, index: float) -> None:
    """Notes what begins: a call or a verdict of the implementation at this position, or NOWHERE.

    `index` is that of the case.
    """
    # A copy that a framework made by a fork would go on with the work, and fork in its turn.
    if _process and os.getpid() != _process:
        os._exit(0)
    _here[2] = monotonic()  # first: who looks must not find an old time with a new place
    _here[0], _here[1] = name, index


def still_here() -> None:
    """Notes that something new begins at the same place."""
    _here[2] = monotonic()
