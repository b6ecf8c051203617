"""Sets a child process up: its pipes to the parent out of reach, and its end with the parent's."""

import faulthandler
import io
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from time import sleep
from typing import BinaryIO, NoReturn

from harness.processes.descendants import kill_descendants

patience = 1e9  # seconds that the last `end_with` was told, for processes that this one starts
HIGH = 500  # a descriptor that code which closes all rarely reaches


def command(module: str, *arguments: object) -> list[str]:
    """The command that runs `main` of a module of ours, with this process's path."""
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; from {module} import main; main(*{arguments!r})"
    )
    return [sys.executable, "-c", code]


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Returns standard input and output, as streams of their own: what comes, and the answers.

    What this process prints from now on goes to standard error; there is nothing to read.
    Ctrl-C is for the process that started this one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    streams = os.fdopen(_aside(0), "rb"), os.fdopen(_aside(1), "wb")
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a process that is killed flushes nothing
        sys.stdout.reconfigure(line_buffering=True)
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    return streams


def _aside(descriptor: int) -> int:
    """Copies the descriptor to a high number."""
    with suppress(ImportError, OSError):
        import fcntl

        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, HIGH)
    return os.dup(descriptor)


def end_with(
    parent: int,
    seconds: float,
    is_over: Callable[[], bool] = lambda: False,
    leave: Callable[[], None] = lambda: None,
) -> Callable[[], NoReturn]:
    """Ends this process soon after its parent, or when it `is_over`, from a thread.

    Kills what it has started, then calls `leave`; the function that is returned does so at once.
    Where code that is not Python hangs, ends the process after so many seconds.
    """
    global patience
    patience = seconds

    def end() -> NoReturn:
        try:
            kill_descendants(os.getpid())
            leave()
        finally:
            os._exit(0)

    threading.Thread(target=_wait, args=(parent, seconds, is_over, end), daemon=True).start()
    return end


def _wait(
    parent: int, seconds: float, is_over: Callable[[], bool], end: Callable[[], NoReturn]
) -> None:
    with open(os.devnull, "w") as nothing:
        while os.getppid() == parent and not is_over():
            faulthandler.dump_traceback_later(seconds, exit=True, file=nothing)
            sleep(1)
    end()
