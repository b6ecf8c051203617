"""Worker processes: who gets which job, and what is told of one that ends, or is too slow, in the middle of it."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from multiprocessing.connection import Connection, wait
from typing import Any

from harness.runs.worker import NOWHERE, serve

TICK = 0.5  # seconds between looks at the clock
LOAD_LIMIT = 600.0  # seconds that a job may take outside its verdicts: importing a framework, drawing, shrinking
# The processes share the cores already.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
)


@dataclass(frozen=True)
class Job:
    """A call of a function of `harness.runs.worker`."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Ended:
    """A process that ended or had to be ended: how, and the verdict that it was at, as its name's position in the block and its index."""

    how: str
    at: tuple[int, int] | None


@dataclass
class _Worker:
    process: Any
    connection: Connection
    here: Any  # see harness.runs.worker
    group: str
    job: Job | None = None
    since: float = 0.0


class Pool:
    """`count` processes, each started when there is work for it. As a context manager it leaves none behind."""

    def __init__(self, count: int, time_limit: float) -> None:
        self._count, self._time_limit = count, time_limit
        self._workers: list[_Worker] = []
        self._context = multiprocessing.get_context("spawn")

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()
        self._workers.clear()

    def run(self, groups: Mapping[str, Iterator[Job]], again: Callable[[Job, Ended], list[Job]]) -> Iterator[tuple[Job, Any]]:
        """Jobs with their results, as they come. Jobs of one group share imports: a worker stays with its group while it has any.

        `again` gives what to do instead of a job that ended its process. Raises what a job raises.
        """
        waiting = dict(groups)
        self._hand_out(waiting)
        while any(worker.job for worker in self._workers):
            for worker in self._ready():
                job, outcome = worker.job, self._outcome(worker)
                assert job is not None
                worker.job = None
                if isinstance(outcome, Ended):
                    self._workers.remove(worker)
                    waiting[worker.group] = chain(again(job, outcome), waiting.get(worker.group, ()))
                    continue
                succeeded, result = outcome
                if not succeeded:
                    raise result
                yield job, result
            self._hand_out(waiting)

    def _hand_out(self, waiting: dict[str, Iterator[Job]]) -> None:
        """A job for each idle worker, and new workers as long as there are jobs for them."""
        while waiting:
            idle = next((worker for worker in self._workers if not worker.job), None)
            if idle is None and len(self._workers) == self._count:
                return
            # Its own group as long as that has jobs, else the one with the fewest workers.
            crowd = [worker.group for worker in self._workers]
            group = idle.group if idle and idle.group in waiting else min(waiting, key=crowd.count)
            job = next(waiting[group], None)
            if job is None:
                del waiting[group]
                continue
            worker = idle or self._started()
            worker.group, worker.job, worker.since = group, job, time.monotonic()
            worker.connection.send((job.function, job.arguments))

    def _started(self) -> _Worker:
        mine, its = self._context.Pipe()
        here = self._context.RawArray("d", [NOWHERE, NOWHERE, 0.0])
        process = self._context.Process(target=serve, args=(its, here), daemon=True)
        with _environment(ONE_THREAD):
            process.start()
        its.close()
        self._workers.append(_Worker(process, mine, here, ""))
        return self._workers[-1]

    def _ready(self) -> list[_Worker]:
        """Workers that have answered, ended, or used up their time."""
        busy = [worker for worker in self._workers if worker.job]
        found = wait([worker.connection for worker in busy], TICK)
        return [worker for worker in busy if worker.connection in found or self._late(worker)]

    def _late(self, worker: _Worker) -> bool:
        return time.monotonic() - (worker.here[2] or worker.since) > self._limit(worker)

    def _limit(self, worker: _Worker) -> float:
        return self._time_limit if worker.here[2] else LOAD_LIMIT

    def _outcome(self, worker: _Worker) -> Any:
        name, index, _ = worker.here
        how = f"took longer than {self._limit(worker):g} seconds"
        try:
            if worker.connection.poll():
                return worker.connection.recv()
            worker.process.kill()
        except (EOFError, ConnectionError):
            how = ""
        worker.process.join()
        worker.connection.close()
        return Ended(how or _how(worker.process.exitcode), None if index == NOWHERE else (int(name), int(index)))


def _how(exitcode: int) -> str:
    if exitcode >= 0:
        return f"ended the process with exit status {exitcode}"
    return f"ended the process by {signal.Signals(-exitcode).name}"


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """What a process that is started inside sees; what the user has set stays."""
    added = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]
