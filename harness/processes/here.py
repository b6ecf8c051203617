"""Notes in a file at which verdict a worker process is, for the process that watches it."""

import os
from time import monotonic
from typing import Any

import numpy as np

NOWHERE = -1.0
IMPORT = -2.0  # the index while an implementation is imported, for which a verdict's time is given
_process = 0
# The implementation's position in the block, the case's index, since when (time.monotonic).
_here: Any = [NOWHERE, NOWHERE, 0.0]


def open_notes(file: str) -> Any:
    """Opens the file for both sides, the one that writes and the one that looks."""
    return np.memmap(file, np.float64, "r+")


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
    _here[:2] = name, index


def still_here() -> None:
    """Notes that something new begins at the same place."""
    _here[2] = monotonic()
