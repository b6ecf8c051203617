"""Detects what an implementation leaves behind for all code after it, and restores it.

Each call is checked. What it changed becomes a crash of the implementation: changed settings and
seeds, subnormal numbers read as zero, text on standard output.
"""

import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, wraps
from operator import attrgetter
from typing import Any

import numpy as np

from harness.judge.calls.observe import Implementation, LeftBehind, flushes_subnormals
from references import REFERENCES
from references.case import Case

# Blocks of 624 words: a generator was seeded if so many of its own steps do not explain its state.
# In a process where one was, the second number holds.
BLOCKS = (5000, 50)
_was_seeded = False  # for the rest of this process: the search is long only once


def watch(implementation: Implementation) -> Implementation:
    """Wraps an implementation. The same function raises LeftBehind if a call has side effects."""

    @wraps(implementation)
    def run(case: Case) -> Any:
        with _no_side_effects():
            return implementation(case)

    return run


@contextmanager
def _no_side_effects() -> Iterator[None]:
    # One draw each: else a call that seeds as an earlier one did would change nothing.
    random.random()
    np.random.random()
    errors, draws, numpy_draws = np.geterr(), random.getstate(), _numpy_state()
    settings = _settings()
    _drop_output()
    effects, own = [], os.getpid()
    try:
        yield
    finally:
        if os.getpid() != own:  # a copy that the call has made, of which nobody wants an answer
            os._exit(0)
        if np.geterr() != errors:
            effects.append("changed NumPy's error state")
            np.seterr(**errors)
        effects += _unflush()
        after = _settings()
        for change, (value, restore) in settings.items():
            if change in after and after[change][0] != value:
                effects.append(change)
                restore(value)
        now = random.getstate()
        if now != draws and not _follows(_as_numpy_state(draws), _as_numpy_state(now)):
            effects.append("seeded Python's random numbers")
            random.setstate(draws)
        if not _follows(numpy_draws, _numpy_state()):
            effects.append("seeded NumPy's random numbers")
            np.random.set_state(numpy_draws)
    if _drop_output():
        effects.append("printed to standard output")
    if effects:
        raise LeftBehind(f"it {' and '.join(effects)}, which concerns all that runs after it")


def _settings() -> dict[str, tuple[Any, Callable[[Any], Any]]]:
    """Returns each setting of the loaded frameworks, by its change in words: value and setter."""
    return {
        setting.change: (attrgetter(setting.get)(package)(), attrgetter(setting.set)(package))
        for row in REFERENCES.values()
        for setting in row.settings
        if hasattr(package := sys.modules.get(row.needs[0]), setting.get.partition(".")[0])
    }


def _unflush() -> Iterator[str]:
    """Has the processor read subnormal numbers again, by a loaded framework; yields the change."""
    for row in REFERENCES.values():
        if row.flush_subnormals and row.needs[0] in sys.modules and flushes_subnormals():
            getattr(sys.modules[row.needs[0]], row.flush_subnormals)(False)
            yield "set the processor to read subnormal numbers as zero"


def _drop_output() -> bool:
    """Drops what this process has printed since the last call; returns True if there was any."""
    with suppress(Exception):  # it may be closed, or something else by now
        sys.stdout.flush()
    size = os.fstat(_output()).st_size
    if size:
        os.ftruncate(_output(), 0)
        os.lseek(_output(), 0, os.SEEK_SET)
    return size > 0


@cache
def _output() -> int:
    """Returns standard output's descriptor, from now on an unnamed file."""
    with tempfile.TemporaryFile() as file:
        return os.dup2(file.fileno(), 1)


def _numpy_state() -> Any:
    return np.random.get_state(legacy=False)


def _as_numpy_state(state: Any) -> Any:
    """Returns the state of Python's generator in NumPy's form: both are MT19937."""
    *words, position = state[1]
    key = {"key": np.array(words, np.uint32), "pos": position}
    return {"bit_generator": "MT19937", "state": key}


def _follows(before: Any, after: Any) -> bool:
    """Checks that draws alone lead from one state to the other, as in Keras' initializers."""
    global _was_seeded
    first, last = before["state"], after["state"]
    if np.array_equal(first["key"], last["key"]):
        return bool(first["pos"] <= last["pos"])
    clone = np.random.RandomState()
    clone.set_state(before)
    for _ in range(BLOCKS[_was_seeded]):
        clone.bytes(4 * 624)
        if np.array_equal(clone.get_state(legacy=False)["state"]["key"], last["key"]):
            return True
    _was_seeded = True
    return False
