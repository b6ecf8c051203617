"""Where shards run: threads that each watch over a process here, or the workers of a Dask cluster. Both are plain executors."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from harness.campaign import isolated
from harness.campaign.journal import Refused


@contextmanager
def executor_of(url: str | None, count: int | None, cores: int) -> Iterator[tuple[Executor, int, Callable[[], bool]]]:
    """An executor, how many tasks it does at once, and whether it is alive."""
    if url is None:
        threads = ThreadPoolExecutor(count or cores)
        try:
            with isolated.opened():
                yield threads, count or cores, lambda: True
        finally:
            threads.shutdown(cancel_futures=True)
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise Refused("--executor needs Dask, which is not installed: pip install 'rnn-parity[dask]'") from error
    try:
        client: Any = Client(url, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise Refused(f"no Dask scheduler answers at {url!r}: {type(error).__name__}; expected tcp://HOST:PORT") from error

    def alive() -> bool:
        while client.status == "connecting":  # it tries to come back, for its timeout
            time.sleep(0.1)
        return bool(client.status == "running")

    try:
        yield client.get_executor(pure=False, retries=0), count or max(1, sum(client.ncores().values())), alive
    finally:
        client.close(timeout=2)
