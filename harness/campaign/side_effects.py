"""What an implementation leaves behind for all that runs after it: looked for around each call, put back, and told as a crash."""

import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from operator import attrgetter
from typing import Any

import numpy as np

from harness.judge.observe import Implementation, LeftBehind, flushes_subnormals
from references import REFERENCES
from references.case import Case

BLOCKS = (
    5000,
    50,
)  # of 624 words: a generator that so many of its own steps do not explain was seeded; fewer in a process where one was
_seeded = False


def watch(implementation: Implementation) -> Implementation:
    """The same function; it raises LeftBehind where a call changed what belongs to all, or printed."""

    def run(case: Case) -> Any:
        with _nothing_left():
            return implementation(case)

    return run


@contextmanager
def _nothing_left() -> Iterator[None]:
    errors, draws, legacy = np.geterr(), random.getstate(), _legacy()
    settings = _settings()
    _printed()
    found = []
    try:
        yield
    finally:
        if np.geterr() != errors:
            found.append("changed NumPy's error state")
            np.seterr(**errors)
        found += _unflushed()
        after = _settings()
        for change, (value, put_back) in settings.items():
            if change in after and after[change][0] != value:
                found.append(change)
                put_back(value)
        if random.getstate() != draws and not _drawn(_state(draws), _state(random.getstate())):
            found.append("seeded Python's random numbers")
            random.setstate(draws)
        if not _drawn(legacy, _legacy()):
            found.append("seeded NumPy's random numbers")
            np.random.set_state(legacy)
    if _printed():
        found.append("printed to standard output")
    if found:
        raise LeftBehind(f"it {' and '.join(found)}, which concerns all that runs after it")


def _settings() -> dict[str, tuple[Any, Callable[[Any], Any]]]:
    """The value of each setting of the frameworks that are loaded, and what sets it, by its change in words."""
    return {
        setting.change: (attrgetter(setting.get)(package)(), attrgetter(setting.set)(package))
        for row in REFERENCES.values()
        for setting in row.settings
        if hasattr(package := sys.modules.get(row.needs[0]), setting.get.partition(".")[0])
    }


def _unflushed() -> Iterator[str]:
    """Has the processor read subnormal numbers again, by a framework that is loaded; yields the change in words."""
    for row in REFERENCES.values():
        if row.flush_subnormals and row.needs[0] in sys.modules and flushes_subnormals():
            getattr(sys.modules[row.needs[0]], row.flush_subnormals)(False)
            yield "set the processor to read subnormal numbers as zero"


def _legacy() -> Any:
    return np.random.get_state(legacy=False)


def _printed() -> bool:
    """Whether anything was printed in this process since it was last asked; it is dropped."""
    with suppress(Exception):  # it may be closed, or something else by now
        sys.stdout.flush()
    size = os.fstat(_output()).st_size
    if size:
        os.ftruncate(_output(), 0)
        os.lseek(_output(), 0, os.SEEK_SET)
    return size > 0


@cache
def _output() -> int:
    """Standard output's descriptor, from now on an unnamed file."""
    with tempfile.TemporaryFile() as file:
        return os.dup2(file.fileno(), 1)


def _state(python: Any) -> Any:
    """The state of Python's generator as NumPy has that of its own: both are MT19937."""
    *words, position = python[1]
    return {
        "bit_generator": "MT19937",
        "state": {"key": np.array(words, np.uint32), "pos": position},
    }


def _drawn(before: Any, after: Any) -> bool:
    """Whether numbers were drawn between these states, and nothing else: Keras' initializers do that, and nobody minds."""
    global _seeded
    found, wanted = before["state"], after["state"]
    if np.array_equal(found["key"], wanted["key"]):
        return bool(found["pos"] <= wanted["pos"])
    clone = np.random.RandomState()
    clone.set_state(before)
    for _ in range(BLOCKS[_seeded]):
        clone.bytes(4 * 624)
        if np.array_equal(clone.get_state(legacy=False)["state"]["key"], wanted["key"]):
            return True
    _seeded = True
    return False
