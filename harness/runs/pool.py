"""Keeps worker processes by group, makes calls in them: the one runner of verify and campaigns.

A process is kept for the next call of its group, since starting one and tracing every kind of layer
again is dear. Where there are too many, the one that has worked least is ended.
"""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from harness.implementations.names import is_function, reference_of
from harness.processes.process import Ended, Process

LEAKS = 0.75  # the share of the memory limit above which a process is replaced between calls
STOPPED = "was stopped"
WORKER = "harness.runs.worker_start"  # runs in each process
MEMORY = 4096  # MiB of resident memory that a worker process may take
Bounds = tuple[float, int | None]  # seconds for one verdict, MiB of resident memory
_early: dict[tuple[Any, ...], Process] = {}  # by the arguments with which each was started


@contextmanager
def early_process(bounds: Bounds, group: str) -> Iterator[None]:
    """Starts a process for such a group, which the first pool takes: it loads while this does.

    One that nobody took ends with the block.
    """
    arguments = _arguments(group, bounds)
    _early[arguments] = Process(WORKER, *arguments)
    try:
        yield
    finally:
        if process := _early.pop(arguments, None):
            process.end(STOPPED)


def _arguments(
    group: str, bounds: Bounds, quiet: bool = False, idle: float = math.inf
) -> tuple[Any, ...]:
    """Those of a Process; a framework's notices are dropped, what a user's code prints is not."""
    return (*bounds, quiet or bool(reference_of(group)), idle, is_function(group))


def result_of(outcome: Any) -> Any:
    """Returns what a function returned in a worker, or Ended. Raises what it raised."""
    if isinstance(outcome, Ended):
        return outcome
    success, result = outcome
    if not success:
        raise result
    return result


def ask_once(
    bounds: Bounds,
    function: Callable[..., Any],
    *arguments: Any,
    group: str = "",
    quiet: bool = False,
) -> Any:
    """Returns what a function returns in a worker of its own, or Ended. Raises what it raises."""
    with Pool(quiet=quiet) as pool:
        outcome, _ = pool.ask(group, bounds, function, *arguments)
    return result_of(outcome)


class Pool:
    """Worker processes, started when there is work for them.

    Any thread may `ask`. As a context manager a pool leaves no process behind.
    """

    def __init__(self, places: int = 1, quiet: bool = False, idle: float = math.inf) -> None:
        """Keeps `places` processes for each call at once; `quiet` and `idle` are as for Process."""
        self._places, self._quiet, self._idle_limit = places, quiet, idle
        self._idle: list[tuple[str, Process]] = []
        self._busy: set[Process] = set()
        self._most = 0  # calls at once, so far
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def __enter__(self) -> "Pool":
        self._closed.clear()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends all processes, and the calls that they are at."""
        self._closed.set()
        with self._lock:
            for process in self._busy:
                process.kill()
            while self._idle:
                self._idle.pop()[1].end(STOPPED)

    @property
    def closed(self) -> bool:
        """True after the end: nothing more is started."""
        return self._closed.is_set()

    def ask(
        self,
        group: str,
        bounds: Bounds,
        function: Callable[..., Any],
        *arguments: Any,
        new: bool = False,
    ) -> tuple[Any, bool]:
        """Calls the function in a process of the group, a `new` one if that is wished, and waits.

        Returns Ended, or a pair of success and result or error; and whether the process was new.
        """
        process, new = self._take(group, bounds, new)
        if process is None:
            return Ended(STOPPED, None), new
        try:
            outcome = process.ask(function, *arguments)
        except BaseException:  # Ctrl-C, in the main thread
            process.end(STOPPED)
            self._forget(process)
            raise
        if isinstance(outcome, Ended):
            self._forget(process)
        else:
            self._give_back(group, process, whole=outcome[0])
        return outcome, new

    def _take(self, group: str, bounds: Bounds, new: bool = False) -> tuple[Process | None, bool]:
        """Returns a process, and whether it is new; none after the end."""
        with self._lock:
            if self.closed:
                return None, new
            self._most = max(self._most, len(self._busy) + 1)
            for item in [item for item in self._idle if not item[1].alive()]:
                self._idle.remove(item)
                item[1].end()
            same = None if new else next((item for item in self._idle if item[0] == group), None)
            if same:
                self._idle.remove(same)
            elif self._idle and len(self._idle) + len(self._busy) >= self._places * self._most:
                least = min(self._idle, key=lambda item: item[1].watchdog.worked())
                self._idle.remove(least)
                least[1].end(STOPPED)
            process = same[1] if same else self._start(group, bounds)
            self._busy.add(process)
            return process, same is None

    def _forget(self, process: Process) -> None:
        with self._lock:
            self._busy.discard(process)

    def _start(self, group: str, bounds: Bounds) -> Process:
        arguments = _arguments(group, bounds, self._quiet, self._idle_limit)
        return _early.pop(arguments, None) or Process(WORKER, *arguments)

    def _give_back(self, group: str, process: Process, whole: bool = True) -> None:
        """Keeps the process for the next call if it is `whole`, and has not grown."""
        with self._lock:
            self._busy.discard(process)
            limit = LEAKS * (process.watchdog.memory_limit or math.inf)
            if whole and process.watchdog.mebibytes() <= limit and not self.closed:
                self._idle.append((group, process))
            else:  # eager layers of Keras leak
                process.end(STOPPED)
