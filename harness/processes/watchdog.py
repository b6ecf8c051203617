"""Enforces a worker's time and memory limits from the parent process."""

import time
from contextlib import suppress
from typing import Any

import psutil

from harness.processes.endings import too_long
from harness.processes.here import LOAD_LIMIT, NOWHERE

# Seconds between looks for the worker's child processes: such a look takes milliseconds.
CHILDREN = 2.0
# Seconds without a look after which both processes were stopped, as a scheduler or a debugger does.
PAUSE = 2.0


def _resident(process: psutil.Process) -> int:
    """Returns the bytes of memory that a process holds; 0 where it has ended."""
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


class Watchdog:
    """Measures the time and memory of one process while it works."""

    def __init__(
        self, process: int, here: Any, time_limit: float, memory_limit: float | None
    ) -> None:
        """Watches the process of this number; the limits are those of `Process`.

        In `here` the worker writes where it is: see `harness.processes.here`.
        """
        self._process, self._here = psutil.Process(process), here
        self.time_limit, self.memory_limit = time_limit, memory_limit
        self._since = self._look = self._counted = time.monotonic()
        self._children: list[psutil.Process] = []

    def begins(self) -> None:
        """Starts the clock, when the process gets work."""
        self._since = self._look = time.monotonic()

    def trouble(self) -> str:
        """Returns which limit the process exceeds, in words; empty for none."""
        limit = LOAD_LIMIT if self._here[1] == NOWHERE else self.time_limit
        began = float(self._here[2])  # after the look at where it is: there it is written first
        now = time.monotonic()
        if now - self._look > PAUSE:
            self._since = now
        self._look = now
        if now - max(began, self._since) > limit:
            return too_long(limit)
        if self.memory_limit is not None and self.mebibytes() > self.memory_limit:
            return f"took more than {self.memory_limit:g} MiB of memory"
        return ""

    def mebibytes(self) -> float:
        """Returns the resident memory of the process and its children."""
        now = time.monotonic()
        if now - self._counted > CHILDREN:
            self._counted = now
            with suppress(psutil.Error):
                self._children = self._process.children(recursive=True)
        return sum(map(_resident, (self._process, *self._children))) / 2**20

    def worked(self) -> float:
        """Returns the seconds for which the process has used a processor."""
        with suppress(psutil.Error):
            return float(self._process.cpu_times().user)
        return 0.0

    def dead(self) -> bool:
        """Tells whether the process has ended, even if nobody has waited for it."""
        with suppress(psutil.NoSuchProcess):
            return self._process.status() == psutil.STATUS_ZOMBIE
        return True
