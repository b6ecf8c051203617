"""What a worker process does: it answers one call after the other, and leaves word of the verdict that it is at.

Whatever an implementation prints goes to standard error: standard output belongs to the report.
"""

import os
import signal
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from harness.judge.observe import Implementation, text_of
from harness.judge.verdict import Verdict
from harness.runs.blocks import Block, Row, judge_block
from harness.runs.environment import environment
from harness.runs.findings import Finding, finding
from harness.runs.resolve import NotFound, resolve
from references import NotInstalled

NOWHERE = -1.0
_process = 0
_here: Any = [NOWHERE, NOWHERE, 0.0]  # the implementation's position in the block, the case's index, since when (time.monotonic)


def serve(connection: Connection, here: Any) -> None:
    """Answers calls (function, arguments) with (True, result) or (False, error), until it is told None or nobody is there."""
    global _here, _process
    _here, _process = here, os.getpid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asked
    os.dup2(2, 1)
    while True:
        try:
            call = connection.recv()
            if call is None:
                return
            function, arguments = call
            here[:] = [NOWHERE, NOWHERE, 0.0]
            answer = _answer(function, arguments)
            _leave_a_fork()
            connection.send(answer)
        except (EOFError, BrokenPipeError):
            return


def _leave_a_fork() -> None:
    """Ends the copy of this process that an implementation has made by a fork, before it goes on with the work, and forks in its turn."""
    if os.getpid() != _process:
        os._exit(0)


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, function(*arguments)
    except (NotFound, NotInstalled) as error:
        return False, error
    except Exception as error:  # ours: it goes out with its traceback, as one that can be rebuilt on the other side
        told = RuntimeError(f"{type(error).__name__}: {text_of(error)}")
        told.add_note(traceback.format_exc())
        return False, told


def judged(block: Block) -> tuple[list[Row], dict[str, str]]:
    """The block's rows, and the environment as far as this process knows it. Raises NotFound or NotInstalled."""
    implementations = {name: _implementation(name) for name in block.names}

    def before(name: str, index: int) -> None:
        _leave_a_fork()
        _here[:] = [block.names.index(name), index, time.monotonic()]

    rows = [Row(index, _sendable(verdict)) for index, verdict in judge_block(block, implementations, before)]
    _here[:] = [NOWHERE, NOWHERE, 0.0]
    return rows, _environment(block.names)


def limits_of(name: str) -> Mapping[str, Any]:
    """The limits within which a notebook's function refuses nothing; empty for others. Raises NotFound or NotInstalled."""
    own = getattr(_implementation(name), "limits", None)
    return dict(own) if isinstance(own, Mapping) else {}


def looked_into(first: Verdict, count: int, save: Path | None, facts: Mapping[str, str]) -> Finding:
    """The finding behind `count` failures of one implementation."""
    found = finding(first, count, _implementation(first.implementation), save, facts)
    return replace(found, small=_sendable(found.small))


@cache
def _environment(names: tuple[str, ...]) -> dict[str, str]:
    return environment(names)


@cache
def _implementation(name: str) -> Implementation:
    return resolve(name)[1]


def _sendable(verdict: Verdict) -> Verdict:
    """With an exception that can be rebuilt on the other side: its text, and where it was raised, as a RuntimeError."""
    return replace(verdict, cause=RuntimeError(text_of(verdict.cause))) if verdict.cause else verdict
