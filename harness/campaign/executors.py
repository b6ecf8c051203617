"""Runs shards in threads that each keep a process here, or on the workers of a Dask cluster.

Both are plain executors of `concurrent.futures`.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from harness.campaign import isolated
from harness.campaign.journal import Journal, NoCampaign
from harness.implementations.find import NotFound
from references import NotInstalled

TRIES = 3  # of a call whose worker was lost
LOOK = 1.0  # seconds between looks at whether the executor is alive
Call = tuple[Any, ...]  # group, bounds, function, arguments: see `isolated.ask`
Ask = Callable[[Iterable[Call]], list[Any]]


class Stopped(RuntimeError):
    """The campaign cannot go on now; committed shards are safe. The text says how to go on."""


@contextmanager
def executor_of(
    url: str | None, count: int | None, cores: int
) -> Iterator[tuple[Executor, int, Callable[[], bool]]]:
    """An executor, how many tasks it does at once, and whether it is alive."""
    if url is None:
        threads = ThreadPoolExecutor(count or cores)
        try:
            with isolated.POOL:
                yield threads, count or cores, lambda: True
        finally:
            threads.shutdown(cancel_futures=True)
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise NoCampaign(
            "--executor needs Dask, which is not installed: pip install 'rnn-parity[dask]'"
        ) from error
    try:
        client: Any = Client(url, timeout="10s")
    except (OSError, ValueError, TypeError, TimeoutError) as error:
        raise NoCampaign(
            f"no Dask scheduler answers at {url!r}: {type(error).__name__}; "
            "expected tcp://HOST:PORT"
        ) from error

    def alive() -> bool:
        while client.status == "connecting":  # it tries to come back, for its timeout
            time.sleep(0.1)
        return bool(client.status == "running")

    try:
        yield (
            client.get_executor(pure=False, retries=0),
            count or max(1, sum(client.ncores().values())),
            alive,
        )
    finally:
        client.close(timeout=2)


def gone(why: object, journal: Journal | None) -> Stopped:
    """What is to be raised where the executor does no more."""
    reason = f"{type(why).__name__}: {why}" if isinstance(why, BaseException) else why
    if journal is None:
        return Stopped(f"the executor is gone ({reason}) before anything was begun")
    return Stopped(
        f"the executor is gone ({reason}): {journal.safe_shards}; "
        f"when it is back: rnn-parity campaign resume {journal.shell_name}"
    )


def lost(future: "Future[Any]") -> BaseException | None:
    """Returns why a finished call lost its worker, if it did. Raises what the call raised."""
    try:
        future.result()
    except (NotFound, NotInstalled):
        raise
    except (Exception, CancelledError) as error:
        if getattr(error, "__notes__", ()):  # a defect of ours, from a worker process
            raise
        return error
    return None


def asking(executor: Executor, alive: Callable[[], bool], journal: Journal | None = None) -> Ask:
    """`isolated.ask` for several calls at once, where the executor runs them; answers in order.

    Raises Stopped where the executor is gone.
    """

    def begin(call: Call) -> "Future[Any]":
        try:
            return executor.submit(isolated.ask, *call)
        except Exception as error:
            raise gone(error, journal) from error

    def answer(call: Call, future: "Future[Any]", tries: int = 1) -> Any:
        while not wait([future], LOOK).done:
            if not alive():
                raise gone("it does not answer", journal)
        why = lost(future)
        if why is None:
            return future.result()
        if tries == TRIES or not alive():
            raise gone(why, journal)
        return answer(call, begin(call), tries + 1)

    def ask(calls: Iterable[Call]) -> list[Any]:
        every = list(calls)
        return list(map(answer, every, [*map(begin, every)]))

    return ask
