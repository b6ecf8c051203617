"""Answers calls in a worker process, one after the other, and notes at which verdict it is.

What an implementation prints goes to standard error: standard output belongs to the answers.
"""

import faulthandler
import os
import signal
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache, wraps

# By name, as the next two: an implementation may replace the functions of the modules.
from pickle import dump, load
from time import monotonic, sleep
from typing import Any

import numpy as np

from harness.judge.crash import crash_place
from harness.judge.observe import Implementation, text_of
from harness.judge.verdict import Verdict
from harness.runs import answers
from harness.runs.batches import Block, Row, judge_block
from harness.runs.environment import environment
from harness.runs.findings import Finding, Request, finding
from harness.runs.resolve import (
    NotFound,
    Unusable,
    claim,
    notebook_form,
    own_limits,
    reference_of,
    resolve,
)
from references import NotInstalled
from references.case import Case
from references.form import Form

NOWHERE = -1.0
IMPORT = -2.0  # the index while an implementation is imported, for which a verdict's time is given
_process = 0
_waits = 0.0  # since when it has had nothing to do (time.monotonic)
# The implementation's position in the block, the case's index, since when (time.monotonic).
_here: Any = [NOWHERE, NOWHERE, 0.0]


def main(here: str, parent: int, patience: float, idle: float) -> None:
    """Answers calls (function, arguments) with (True, result) or (False, error).

    Ends when the parent has ended, or has asked nothing for `idle` seconds. `here` is the file for
    `_here`; `patience` is the number of seconds for which code may hold the interpreter.
    """
    global _here, _process, _waits
    _here, _process = np.memmap(here, np.float64, "r+"), os.getpid()
    with suppress(OSError):
        os.unlink(here)  # both sides hold it by now
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asked
    calls, answers = os.fdopen(_aside(0), "rb"), os.fdopen(_aside(1), "wb")
    os.dup2(2, 1)
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_end_with, args=(parent, patience, idle), daemon=True).start()
    with suppress(EOFError, BrokenPipeError):
        while True:
            _waits = monotonic()
            function, arguments = load(calls)  # noqa: S301 - from the process that started this one
            _waits = 0.0
            here_is(NOWHERE, NOWHERE)
            answer = _answer(function, arguments)
            here_is(NOWHERE, NOWHERE)
            dump(answer, answers)
            answers.flush()


def _aside(descriptor: int) -> int:
    """Copies the descriptor to a high number, which code that closes all rarely reaches."""
    with suppress(ImportError, OSError):
        import fcntl

        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 500)
    return os.dup(descriptor)


def here_is(name: float, index: float) -> None:
    """Notes what begins: a call or a verdict of the implementation at this position, or NOWHERE.

    `index` is that of the case.
    """
    # A copy that an implementation made by a fork would go on with the work, and fork in its turn.
    if _process and os.getpid() != _process:
        os._exit(0)
    _here[2] = monotonic()  # first: who looks must not find an old time with a new place
    _here[:2] = name, index


def still_here() -> None:
    """Notes that something new begins at the same place."""
    _here[2] = monotonic()


def _end_with(parent: int, patience: float, idle: float) -> None:
    """Ends this process soon after its parent, or when it is idle.

    Where code that is not Python hangs, ends it after `patience` seconds.
    """
    with open(os.devnull, "w") as nothing:
        while os.getppid() == parent and not (_waits and monotonic() - _waits > idle):
            faulthandler.dump_traceback_later(patience, exit=True, file=nothing)
            sleep(1)
    os._exit(0)


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, function(*arguments)
    except (NotFound, NotInstalled) as error:
        return False, error
    # A defect of ours: it goes out with its traceback, as an error that the parent can rebuild.
    except Exception as error:
        copy = RuntimeError(f"{type(error).__name__}: {text_of(error)}")
        copy.add_note(traceback.format_exc())
        at = None if _here[1] < 0 else (int(_here[0]), int(_here[1]))
        copy.at = at  # type: ignore[attr-defined]
        return False, copy


def judge_in_worker(block: Block) -> tuple[list[Row], dict[str, str], tuple[answers.Use, ...]]:
    """Returns the block's rows, the environment as this process knows it, and uses of the answer.

    Raises NotFound or NotInstalled.
    """
    allowed = block.limits.choices["nonlinearity"]
    implementations = {
        name: claim(_import(name, at), allowed) for at, name in enumerate(block.names)
    }

    def before(name: str, index: int) -> None:
        here_is(block.names.index(name), index)

    rows = [
        row._replace(verdict=_sendable(row.verdict))
        for row in judge_block(block, implementations, before)
    ]
    return rows, _environment(block.names), answers.uses()


def limits_of(name: str, position: int = 0) -> Mapping[str, Any]:
    """Returns the limits within which a notebook's function refuses nothing; empty for others.

    `position` is that of the name among those which are imported in one task. Raises NotFound or
    NotInstalled.
    """
    return own_limits(name, _import(name, position))


def form_in_worker(name: str) -> Form | None:
    """Returns what a probe shows of a notebook's function, within the limit for one verdict.

    Raises Unusable where it is not written yet.
    """
    implementation = _import(name, 0)
    here_is(0, 0)
    return notebook_form(name, implementation)


def finding_in_worker(request: Request) -> Finding:
    """Returns what is behind these failures."""
    failure = request.failure
    implementation = implementation_of(failure.implementation)
    claimed = claim(implementation, [failure.case.config.nonlinearity])
    report = finding(request, timed(claimed))
    return replace(report, small=_sendable(report.small))


def timed(implementation: Implementation) -> Implementation:
    """Wraps an implementation: the limit for one verdict holds for each of its calls."""

    @wraps(implementation)
    def run(case: Case) -> Any:
        here_is(0, 0)
        try:
            return implementation(case)
        finally:
            here_is(NOWHERE, NOWHERE)

    return run


@cache
def _environment(names: tuple[str, ...]) -> dict[str, str]:
    return environment(names)


def _import(name: str, position: int) -> Implementation:
    """Returns the implementation; the limit for one verdict holds for a user's import, too."""
    if reference_of(name) and ":" not in name:
        return implementation_of(name)
    here_is(position, IMPORT)
    if _process:  # else this is no worker, whose imports are its own business
        answers.watch(name)
    try:
        return implementation_of(name)
    except KeyboardInterrupt as error:  # Ctrl-C is ignored here: it raised that itself
        unusable = Unusable(f"{name} cannot be imported: it raised KeyboardInterrupt")
        unusable.crash = crash_place(error)
        raise unusable from error
    finally:
        here_is(NOWHERE, NOWHERE)


@cache
def implementation_of(name: str) -> Implementation:
    """Returns the implementation, loaded once in this process. Raises NotFound or NotInstalled."""
    return resolve(name)[1]


def _sendable(verdict: Verdict) -> Verdict:
    """Replaces the cause by a RuntimeError of the same text, which the parent can rebuild."""
    if not verdict.cause:
        return verdict
    return replace(verdict, cause=RuntimeError(text_of(verdict.cause)))
