"""Runs one worker process: sends it work, reads its answers, and ends it at a limit.

It is a plain subprocess, which a daemonic process (a Dask worker under its nanny) may have too. It
leads a process group of its own, so that what an implementation starts ends with it. Pools on
multiprocessing have neither: pebble 5.2 raises "daemonic processes are not allowed to have
children", limits a task instead of a verdict, and waits for ever once an implementation has written
into its pipes.
"""

import math
import os
import pickle
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty
from typing import Any, BinaryIO

from harness.processes.descendants import KILL, kill_descendants, kill_group
from harness.processes.endings import HUNG, how_it_ended
from harness.processes.here import IMPORT, LOAD_LIMIT, make_notes
from harness.processes.inbox import GRACE, TICK, Inbox
from harness.processes.pipes import command
from references import REFERENCES

FOREVER = 1e9  # seconds
# The processes share the cores already.
ONE_THREAD = {variable: "1" for row in REFERENCES.values() for variable in row.threads}


@dataclass(frozen=True)
class Ended:
    """Tells how a process ended or had to be ended, and at which verdict it was.

    `at` is the position of the verdict's name in the block, and the case's index.
    """

    how: str
    at: tuple[int, int] | None
    importing: int | None = None  # the position of the user's function that was being imported

    @property
    def hung(self) -> bool:
        """It took longer than it may."""
        return self.how.startswith(HUNG)


class Process:
    """Controls a worker from the process that started it."""

    def __init__(
        self,
        module: str,
        time_limit: float,
        memory_limit: float | None = None,
        quiet: bool = False,
        idle: float = math.inf,
        for_user: bool = False,
    ) -> None:
        """Starts the worker; it ends itself after `idle` seconds without work.

        It is `main` of this module, as that of `harness.runs.worker_start`, which answers calls.
        `time_limit` is in seconds for one verdict, `memory_limit` in MiB of resident memory.
        `quiet` drops what the worker prints; one that is `for_user` starts a function's process.
        """
        self._folder = tempfile.mkdtemp(prefix="rnn-parity-")  # for all files of the worker's
        here = os.path.join(self._folder, "here")
        self._here = make_notes(here)  # see harness.processes.here
        arguments = (here, os.getpid(), max(LOAD_LIMIT, time_limit) + 60, min(idle, FOREVER))
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this Python, and code of ours
                command(module, *arguments, for_user),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if quiet else None,
                env=ONE_THREAD | os.environ,  # what the user has set stays
                process_group=None if os.name == "nt" else 0,
            )
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        from harness.processes.watchdog import Watchdog  # while the worker loads, too

        self.watchdog = Watchdog(self._process.pid, self._here, time_limit, memory_limit)
        assert self._process.stdout is not None
        self._inbox = Inbox(self._process.stdout, _answer)  # type: ignore[arg-type]

    def give(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Has the worker call the function; it answers (True, its result) or (False, an error)."""
        self.watchdog.begins()
        with suppress(OSError):  # it has ended, which will be noticed
            assert self._process.stdin is not None
            pickle.dump((function, arguments), self._process.stdin)
            self._process.stdin.flush()

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Has the worker call the function, and waits; returns its answer, or Ended."""
        self.give(function, *arguments)
        while True:
            try:
                return self._inbox.get()
            except EOFError:
                return self.end()
            except Empty:
                if ended := self.over():
                    return ended

    def over(self) -> Ended | None:
        """Ends the worker if it exceeds a limit; returns Ended then, or if it is dead, else None.

        A dead worker's answers may stay open where something that it started holds them.
        """
        trouble = self.watchdog.trouble()
        return self.end(trouble) if trouble or self.watchdog.dead() else None

    def alive(self) -> bool:
        """Tells whether the worker still runs."""
        return self._inbox.is_open and not self.watchdog.dead()

    def end(self, trouble: str = "") -> Ended:
        """Ends the worker and all that it started, unless it ended by itself; returns how."""
        name, index, _ = self._here
        if not trouble and not self._ended_itself():
            trouble = "wrote into the answers of the process, or closed them"
        if trouble:
            self.kill()
        if hasattr(os, "waitid"):  # dead, but not yet forgotten: nobody else can have its number
            # It is forgotten at once where this process was started with SIGCHLD ignored.
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
            self.kill()
        status = self._process.wait()
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        at = (int(name), int(index)) if index >= 0 else None
        return Ended(trouble or how_it_ended(status), at, int(name) if index == IMPORT else None)

    def _ended_itself(self) -> bool:
        """Tells whether the worker is dead, even if nobody has waited for it, or is in a moment."""
        until = time.monotonic() + GRACE
        while not self.watchdog.dead():
            if time.monotonic() > until:
                return False
            time.sleep(TICK / 10)
        return True

    def kill(self) -> None:
        """Kills the worker and what it started; works from any thread."""
        kill_descendants(self._process.pid)
        if self._process.returncode is None:  # else its number may be another's by now
            with suppress(OSError):
                os.kill(self._process.pid, KILL)  # by itself too, since it may have left its group
            kill_group(self._process.pid)


def _answer(stream: BinaryIO) -> Any:
    """Reads one answer. Raises EOFError at the end, maybe in the middle of an answer."""
    try:
        return pickle.load(stream)  # noqa: S301 - from code of ours
    except Exception as error:
        raise EOFError from error
