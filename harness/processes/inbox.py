"""Reads a process's messages in a thread, so that nobody waits for ever once it has ended.

Something that the process left behind may hold the pipe open.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, BinaryIO

GRACE = 5.0  # seconds from the end of its messages to the end of a process
TICK = 0.1  # seconds between looks at a process that has sent nothing


class Inbox:
    """The messages of one process, in order."""

    def __init__(self, stream: BinaryIO, read: Callable[[BinaryIO], Any]) -> None:
        """`read` takes one message from the stream, and raises where none follows.

        The stream is closed then.
        """
        self._messages: SimpleQueue[Any] = SimpleQueue()
        self._thread = threading.Thread(
            target=_listen, args=(stream, read, self._messages.put), daemon=True
        )
        self._thread.start()

    def get(self) -> Any:
        """Returns the next message. Raises what `read` raised, or Empty after a tick."""
        message = self._messages.get(timeout=TICK)
        if isinstance(message, Exception):
            raise message
        return message

    @property
    def is_open(self) -> bool:
        """A message may still follow."""
        return self._thread.is_alive()


def _listen(stream: BinaryIO, read: Callable[[BinaryIO], Any], put: Callable[[Any], None]) -> None:
    message: Any = None
    with stream:  # whoever closes it from outside would wait for a read
        while not isinstance(message, Exception):
            try:
                message = read(stream)
            except Exception as error:
                message = error
            put(message)
