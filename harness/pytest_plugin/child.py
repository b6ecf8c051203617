"""Runs a user's function for the conformance set in a process that it may end or hang.

The process is started again for the next call. The session of pytest goes on.
"""

import math
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread
from typing import Any, NoReturn, TypeVar

import numpy as np

from harness.implementations.callee_process import Callee
from harness.implementations.find import NotFound, Unusable
from harness.implementations.frames import Message
from harness.implementations.names import is_program
from harness.implementations.program import Program
from harness.implementations.remote import Remote
from harness.judge.calls.returned import Observation
from harness.processes.descendants import kill_descendants
from harness.processes.endings import how_it_ended, too_long
from harness.processes.here import LOAD_LIMIT
from harness.processes.inbox import TICK
from harness.runs.failures import DEATHS, ProcessEnded
from references.case import Case

T = TypeVar("T")
WHEN = {
    "start": "before it was imported",
    "import": "when it was imported",
    "probe": "when its form was probed",
}


@dataclass
class Clock:
    """Tells how long an exchange with a process may take, and whether one took longer."""

    due: float = math.inf  # when it has to be over (time.monotonic)
    is_late: bool = False


def watch(clock: Clock, process: "subprocess.Popen[bytes]") -> None:
    """Kills the process, and what it started, where an exchange is not over in time."""
    while process.poll() is None:
        time.sleep(TICK)
        if time.monotonic() > clock.due:
            clock.is_late = True
            kill_descendants(process.pid)
            process.kill()


class Child(Callee):
    """The process of one function, each exchange with which keeps to a time limit."""

    def __init__(self, name: str, time_limit: float) -> None:
        """Imports the function there. Raises NotFound or Unusable."""
        self._limit, self._clock = time_limit, Clock()
        self._watched: subprocess.Popen[bytes] | None = None  # one thread for each process
        self._deaths, self._why = 0, ""  # why it is called no more
        super().__init__(name, end=self._raise)

    def ask(self, what: str, read: Callable[[dict[str, Any]], T], **about: Any) -> T:
        """Returns what `read` takes out of the answer's table. Raises NotFound or Unusable."""
        try:
            return super().ask(what, read, **about)
        except ProcessEnded as ended:
            when = WHEN.get(what, "between its calls")
            raise Unusable(f"{self.name} cannot be used: {ended} {when}") from ended

    def exchange(
        self, table: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None
    ) -> Message:
        """Sends a request, and returns the answer. Raises ProcessEnded, or Malformed."""
        limit = max(self._limit, LOAD_LIMIT) if table["do"] == "start" else self._limit
        if self._watched is not self._process:
            self._watched = self._process
            Thread(target=watch, args=(self._clock, self._process), daemon=True).start()
        self._clock.due = time.monotonic() + limit
        try:
            return super().exchange(table, arrays)
        finally:
            self._clock.due = math.inf

    def observe(self, case: Case, options: Mapping[str, Any]) -> Observation:
        """Calls the function on a case; the end of its process is its crash."""
        if self._why:
            return _crash(f"{self._why} at an earlier call, and is called no more")
        try:
            return super().observe(case, options)
        except (NotFound, ProcessEnded) as error:
            self._start_again(error)
            return _crash(str(error))

    def _start_again(self, error: Exception) -> None:
        """Starts the process for the next call, unless it hung, or ended for the last time."""
        self.close()
        self._starts, self._deaths = 0, self._deaths + 1
        if self._clock.is_late or self._deaths >= DEATHS:
            self._why = str(error)
            return
        try:
            self._start()
        except (NotFound, ProcessEnded):
            self._why = str(error)

    def _raise(self, status: int) -> NoReturn:
        how = too_long(self._limit) if self._clock.is_late else how_it_ended(status)
        raise ProcessEnded(f"it {how}")


def _crash(reason: str) -> Observation:
    return Observation(None, "crashed", reason, ProcessEnded(reason))


def in_child(name: str, time_limit: float) -> Remote:
    """Returns the function, or the program, as an implementation. Raises NotFound or Unusable."""
    if is_program(name):
        return Remote(Program(name, time_limit))
    return Remote.of(name, Child(name, time_limit))
