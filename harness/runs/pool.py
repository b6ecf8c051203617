"""Worker processes: who gets which job, and what is told of one that ends, or is too slow, in the middle of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from queue import Empty, SimpleQueue
from typing import Any

from harness.runs.process import Ended, Process
from harness.runs.watchdog import TICK


@dataclass(frozen=True)
class Job:
    """A call of a function in a worker process."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]


@dataclass
class _Worker:
    process: Process
    group: str = ""
    job: Job | None = None


class Pool:
    """`count` processes, each started when there is work for it. As a context manager it leaves none behind."""

    def __init__(self, count: int, time_limit: float) -> None:
        self._count, self._time_limit = count, time_limit
        self._workers: list[_Worker] = []
        self._inbox: SimpleQueue[tuple[Process, Any]] = SimpleQueue()

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.end()
        self._workers.clear()

    def run(
        self, groups: Mapping[str, Iterator[Job]], again: Callable[[Job, Ended], list[Job]]
    ) -> Iterator[tuple[Job, Any]]:
        """Jobs with their results, as they come. Jobs of one group share imports: a worker stays with its group while it has any.

        `again` gives what to do instead of a job that ended its process. Raises what a job raises.
        """
        waiting = dict(groups)
        self._hand_out(waiting)
        while any(worker.job for worker in self._workers):
            for worker, outcome in self._outcomes():
                job, worker.job = worker.job, None
                if isinstance(outcome, Ended):
                    self._workers.remove(worker)
                if job is None:  # it ended when it had nothing to do
                    continue
                if isinstance(outcome, Ended):
                    waiting[worker.group] = chain(
                        again(job, outcome), waiting.get(worker.group, ())
                    )
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
            worker.group, worker.job = group, job
            worker.process.give(job.function, *job.arguments)

    def _started(self) -> _Worker:
        self._workers.append(_Worker(Process(self._inbox, self._time_limit)))
        return self._workers[-1]

    def _outcomes(self) -> Iterator[tuple[_Worker, Any]]:
        """Workers that have answered, ended, or used up their time, and what came of it."""
        with suppress(Empty):
            process, answer = self._inbox.get(timeout=TICK)
            for worker in [
                worker for worker in self._workers if worker.process is process
            ]:  # none, if it was ended before
                yield worker, process.end() if answer is None else answer
        for worker in [worker for worker in self._workers if worker.job]:
            if ended := worker.process.over():
                yield worker, ended
