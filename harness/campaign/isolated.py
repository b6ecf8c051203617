"""Runs tasks in worker processes, which may crash, hang, eat memory or exit, while `run(task)` still returns a table.

This is what an executor calls, in a thread here or in a Dask worker elsewhere. Processes are kept for the next task: idle ones of the same
group first, and no more of them than there are busy ones.
"""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from harness.campaign.shard import Death, Task, judged
from harness.runs.process import Ended, Process

TRIES = 3  # of a task that ends its process while no implementation is called
LEAKS = 0.75  # the share of the memory limit above which a process is replaced between tasks
_idle: list[tuple[str, Process]] = []  # the one that waits longest comes first
_busy: set[Process] = set()
_lock = threading.Lock()
_closed = threading.Event()


def run(task: Task) -> dict[str, Any]:
    """The shard's result, or {"ended": how} where it cannot be had. Raises NotFound, NotInstalled, or RuntimeError for a defect of ours."""
    deaths: list[Death] = []
    lost = 0
    while True:
        outcome = ask(task.shard.group, task.plan.bounds, judged, task, tuple(deaths))
        if not isinstance(outcome, Ended):
            return dict(outcome)
        if outcome.at is None:
            lost += 1
        if lost == TRIES or _closed.is_set():
            return {"ended": outcome.how}
        if outcome.at is not None:
            position, index = outcome.at
            deaths.append(Death(task.shard.names[position], index, outcome.how))


def ask(group: str, bounds: tuple[float, int], function: Callable[..., Any], *arguments: Any) -> Any:
    """What the function gives in a process of this group, or Ended; bounds as in Plan. Raises what it raises."""
    if _closed.is_set():
        return Ended("was stopped", None)
    process = _taken(group, bounds)
    outcome = process.ask(function, *arguments)
    if isinstance(outcome, Ended):
        with _lock:
            _busy.discard(process)
        return outcome
    _given_back(group, process)
    succeeded, result = outcome
    if not succeeded:
        raise result
    return result


@contextmanager
def opened() -> Iterator[None]:
    """While it lasts tasks are run; at its end all processes of this one are ended, and the tasks that they are at."""
    _closed.clear()
    try:
        yield
    finally:
        _closed.set()
        with _lock:
            for process in _busy:
                process.kill()
            while _idle:
                _idle.pop()[1].end("was stopped")


def _taken(group: str, bounds: tuple[float, int]) -> Process:
    with _lock:
        same = next((item for item in _idle if item[0] == group), None)
        if same:
            _idle.remove(same)
        elif len(_idle) > len(_busy):
            _idle.pop(0)[1].end("was stopped")
        process = same[1] if same else Process(SimpleQueue(), *bounds, quiet=True)
        _busy.add(process)
        return process


def _given_back(group: str, process: Process) -> None:
    with _lock:
        _busy.discard(process)
        if process.mebibytes() > LEAKS * (process.memory_limit or math.inf) or _closed.is_set():
            process.end("was stopped")  # eager layers of Keras leak
        else:
            _idle.append((group, process))
