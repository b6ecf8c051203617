"""What a worker process may take, seen from outside: the clock of each verdict, and its memory."""

import time
from contextlib import suppress
from typing import Any

import psutil

from harness.runs.worker import NOWHERE

TICK = 0.1  # seconds between looks
CHILDREN = (
    2.0  # seconds between looks for other processes that it has started: that takes milliseconds
)
PAUSE = 2.0  # seconds without a look: this process was stopped, and so was the other, as a scheduler or a debugger does
LOAD_LIMIT = 600.0  # seconds that a job may take outside its verdicts: importing a framework, drawing, shrinking


class Watchdog:
    """Looks at one process, again and again while it works."""

    def __init__(
        self, process: int, here: Any, time_limit: float, memory_limit: float | None
    ) -> None:
        """`here` is the process' own word of where it is, see harness.runs.worker; the limits are those of `Process`."""
        self._process, self._here = psutil.Process(process), here
        self.time_limit, self.memory_limit = time_limit, memory_limit
        self._since = self._look = self._counted = time.monotonic()
        self._children = 0  # bytes

    def begins(self) -> None:
        """The process is given work."""
        self._since = self._look = time.monotonic()

    def trouble(self) -> str:
        """What it takes too much of, or nothing."""
        limit = LOAD_LIMIT if self._here[1] == NOWHERE else self.time_limit
        began = float(self._here[2])  # after the look at where it is: there it is written first
        now = time.monotonic()
        if now - self._look > PAUSE:
            self._since = now
        self._look = now
        if now - max(began, self._since) > limit:
            return f"took longer than {limit:g} seconds"
        if self.memory_limit is not None and self.mebibytes() > self.memory_limit:
            return f"took more than {self.memory_limit:g} MiB of memory"
        return ""

    def mebibytes(self) -> float:
        """Its resident memory, and that of what it has started."""
        now = time.monotonic()
        if now - self._counted > CHILDREN:
            self._counted, self._children = now, 0
            with suppress(psutil.Error):
                for child in self._process.children(recursive=True):
                    with suppress(psutil.Error):
                        self._children += child.memory_info().rss
        with suppress(psutil.Error):
            return float((self._process.memory_info().rss + self._children) / 2**20)
        return 0.0

    def worked(self) -> float:
        """Seconds for which it has used a processor."""
        with suppress(psutil.Error):
            return float(self._process.cpu_times().user)
        return 0.0

    def dead(self) -> bool:
        """Whether it has ended, though it may not be forgotten as yet."""
        with suppress(psutil.NoSuchProcess):
            return self._process.status() == psutil.STATUS_ZOMBIE
        return True

    def kill_children(self) -> None:
        """Ends what it has started, also what has left its group."""
        with suppress(psutil.Error):
            for child in self._process.children(recursive=True):
                with suppress(psutil.Error):
                    child.kill()
