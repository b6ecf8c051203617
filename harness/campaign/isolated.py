"""Runs tasks in worker processes, which may crash, hang, eat memory or exit, while `run(task)` still returns a table.

This is what an executor calls, in a thread here or in a Dask worker elsewhere. Processes are kept for the next task of their group, since
starting one and tracing every kind of layer again is dear; where there are too many, the one that has worked least is ended.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from harness.campaign.shard import Death, Task, judge_shard
from harness.runs.process import Ended, Process

TRIES = (
    3  # of a task that ends its process while no implementation is called, or is ended from outside
)
OUTSIDE = (
    "SIGKILL",
    "SIGTERM",
)  # may come from elsewhere, the kernel short of memory say: what ends so is tried again
CHANCES = 10  # in one shard
LEAKS = 0.75  # the share of the memory limit above which a process is replaced between tasks
PLACES = 3  # processes, idle ones among them, for each task at once
IDLE = 900.0  # seconds: on a cluster nothing stays for long when a campaign is over
_idle: list[tuple[str, Process]] = []
_busy: set[Process] = set()
_most = 0  # tasks at once, so far
_lock = threading.Lock()
_closed = threading.Event()


def run(task: Task) -> dict[str, Any]:
    """The shard's result, or {"ended": how} where it cannot be had. Raises NotFound, NotInstalled, or RuntimeError for a defect of ours."""
    deaths: list[Death] = []
    chances: set[tuple[int, int]] = set()
    lost, start = 0, time.monotonic()
    new = False  # what ends a process that has worked on other shards may be due to them: such an end does not count
    while True:
        outcome, new = _asked(
            new, task.shard.group, task.plan.bounds, judge_shard, task, tuple(deaths)
        )
        if not isinstance(outcome, Ended):
            succeeded, result = outcome
            if succeeded:
                return {**result, "seconds": time.monotonic() - start}
            if getattr(result, "at", None) is None:
                raise result
            # The judge fell over, on what an implementation gave, or on what it did to NumPy.
            outcome = Ended(
                f"gave, or left behind, what no verdict could be made on: {result}", result.at
            )
        if outcome.at is None:
            lost += 1
        if lost == TRIES or _closed.is_set():
            return {"ended": outcome.how}
        if outcome.at is not None and new:
            if (
                outcome.how.endswith(OUTSIDE)
                and outcome.at not in chances
                and len(chances) < CHANCES
            ):
                chances.add(outcome.at)
            else:
                position, index = outcome.at
                deaths.append(Death(task.shard.names[position], index, outcome.how))
        new = True


def ask(
    group: str, bounds: tuple[float, int], function: Callable[..., Any], *arguments: Any
) -> Any:
    """What the function gives in a process of this group, or Ended; bounds as in Plan. Raises what it raises."""
    for number in range(TRIES):
        outcome, _ = _asked(number > 0, group, bounds, function, *arguments)
        if not (isinstance(outcome, Ended) and outcome.how.endswith(OUTSIDE)):
            break
    if isinstance(outcome, Ended):
        return outcome
    succeeded, result = outcome
    if not succeeded:
        raise result
    return result


def _asked(
    new: bool, group: str, bounds: tuple[float, int], function: Callable[..., Any], *arguments: Any
) -> tuple[Any, bool]:
    """Ended, or whether it succeeded and the result or error; and whether the process was a new one, which can be asked for."""
    process, new = _taken(group, bounds, new)
    if process is None:
        return Ended("was stopped", None), new
    outcome = process.ask(function, *arguments)
    if isinstance(outcome, Ended):
        with _lock:
            _busy.discard(process)
    else:
        _given_back(group, process, whole=outcome[0])
    return outcome, new


@contextmanager
def processes() -> Iterator[None]:
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


def _taken(group: str, bounds: tuple[float, int], new: bool = False) -> tuple[Process | None, bool]:
    """A process, and whether it is new; none after the end."""
    global _most
    with _lock:
        if _closed.is_set():
            return None, new
        _most = max(_most, len(_busy) + 1)
        for item in [item for item in _idle if not item[1].alive()]:
            _idle.remove(item)
            item[1].end()
        same = None if new else next((item for item in _idle if item[0] == group), None)
        if same:
            _idle.remove(same)
        elif _idle and len(_idle) + len(_busy) >= PLACES * _most:
            least = min(_idle, key=lambda item: item[1].watchdog.worked())
            _idle.remove(least)
            least[1].end("was stopped")
        process = same[1] if same else Process(SimpleQueue(), *bounds, quiet=True, idle=IDLE)
        _busy.add(process)
        return process, same is None


def _given_back(group: str, process: Process, whole: bool = True) -> None:
    """It is kept for the next task if it is `whole`, and has not grown."""
    with _lock:
        _busy.discard(process)
        if (
            not whole
            or process.watchdog.mebibytes() > LEAKS * (process.watchdog.memory_limit or math.inf)
            or _closed.is_set()
        ):
            process.end("was stopped")  # eager layers of Keras leak
        else:
            _idle.append((group, process))
