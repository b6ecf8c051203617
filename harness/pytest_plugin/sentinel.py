"""Waits for pytest from a parent process: a session that ends before its end has failed.

Code under test may end the process, by `os._exit(0)` or by the `exit` of a library in C. No code in
that process can prevent that. So the command `pytest` forks before it does anything: the child goes
on as pytest, and the parent exits with its status, but never with 0 for a session that broke off.
Where there is no fork, and where pytest is not run as a command, nobody waits.
"""

import atexit
import mmap
import os
import signal
import sys
import warnings
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

SIZE = 4096
BEFORE, WITHIN, ENDING, AFTER = range(4)  # where the session is, in the first byte
STATUS, IS_OVER, NAME = 1, 2, 16  # the next ones: its exit status, the end of Python, the test
DIES_WITH_PARENT = 1  # of Linux' prctl
BROKEN = 1  # the exit status of a session that broke off with 0


class Sentinel:
    """What the child writes for the parent, in memory that both share."""

    def __init__(self) -> None:
        self._memory, self._own = mmap.mmap(-1, SIZE), 0

    def begin(self) -> None:
        """Forks. Returns in the child alone."""
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about threads: the parent only waits
            child = os.fork()
        if child:
            _exit_as(child, self._memory)
        self._own = os.getpid()
        _die_with_parent()
        atexit.register(self._write, IS_OVER, 1)

    def _write(self, place: int, value: int) -> None:
        if os.getpid() == self._own:  # no copy that a test made by a fork of its own
            self._memory[place] = value

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Notes that the session has begun."""
        self._write(0, WITHIN)

    @pytest.hookimpl(wrapper=True, tryfirst=True)  # around those that write reports
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Notes that all tests are done, then that the reports are written, and the status."""
        self._write(0, ENDING)
        result = yield
        self._write(STATUS, int(session.exitstatus))
        self._write(0, AFTER)
        return result

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Notes the test that begins."""
        name = nodeid.encode(errors="replace")[: SIZE - NAME - 1] + b"\0"
        if os.getpid() == self._own:
            self._memory[NAME : NAME + len(name)] = name


_sentinel: Sentinel | None = None  # one in a process: pytest may load the plugin early or late


def begin(arguments: Sequence[str]) -> None:
    """Forks where this process is the command `pytest` with these arguments, once."""
    global _sentinel
    if _sentinel is None and _is_command(arguments):
        _sentinel = Sentinel()
        _sentinel.begin()


def register(config: pytest.Config) -> None:
    """Has the session tell where it is."""
    if _sentinel is not None and not config.pluginmanager.is_registered(_sentinel):
        config.pluginmanager.register(_sentinel, "rnn-parity sentinel")


def _is_command(arguments: Sequence[str]) -> bool:
    path = Path(sys.argv[0])
    is_pytest = path.stem in ("pytest", "py.test") or path.parts[-2:] == ("pytest", "__main__.py")
    is_free = hasattr(os, "fork") and "pydevd" not in sys.modules  # a debugger has its own plans
    return is_pytest and is_free and sys.argv[1:] == list(arguments)


def _exit_as(child: int, memory: mmap.mmap) -> NoReturn:
    """Waits for the child, passing signals on, and ends this process as it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to both
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: _pass_on(child, number))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if memory[0] == AFTER:
        code = code or memory[STATUS]
    elif code < 0 or memory[0] != BEFORE or not memory[IS_OVER]:
        name = bytes(memory[NAME:]).partition(b"\0")[0].decode(errors="replace")
        how = f"exit status {code}" if code >= 0 else f"signal {-code}"
        where = f" in {name}" if name and memory[0] == WITHIN else ""
        text = f"rnn-parity: the process of pytest ended{where} with {how}, before the session did."
        if code == 0:
            text += " The code under test ended it, so that nothing was shown: exit status 1."
            code = BROKEN
        with suppress(OSError):
            os.write(2, f"\n{text}\n".encode(errors="backslashreplace"))
    os._exit(code if code >= 0 else 128 - code)


def _pass_on(child: int, number: int) -> None:
    with suppress(OSError):
        os.kill(child, number)


def _die_with_parent() -> None:
    """Has Linux kill this process when its parent is killed, as a time limit around it does."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL)
