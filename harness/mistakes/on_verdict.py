"""A hook through which a test runner receives every verdict of `check`.

It imports nothing of ours, nor NumPy.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_listener: ContextVar[Callable[[Any], None] | None] = ContextVar("listener", default=None)


def publish(verdict: Any) -> None:
    """Passes a verdict of any kind to the listener, if there is one."""
    listener = _listener.get()
    if listener:
        listener(verdict)


@contextmanager
def listen(listener: Callable[[Any], None]) -> Iterator[None]:
    """Calls `listener` with each verdict of this thread, as long as the context lasts."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
