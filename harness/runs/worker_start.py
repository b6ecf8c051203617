"""Starts in a worker process: answers calls, one after the other, by `harness.runs.worker`.

What an implementation prints goes to standard error: standard output belongs to the answers. This
module imports little: so a function's process can load while the judge does.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from functools import partial
from pickle import dump, load
from time import monotonic

from harness.implementations import callee_start
from harness.processes.here import NOWHERE, here_is, write_to
from harness.processes.pipes import end_with, take_pipes

_waits = 0.0  # since when it has had nothing to do (time.monotonic)


def main(here: str, parent: int, patience: float, idle: float, for_user: bool) -> None:
    """Answers calls (function, arguments) as `harness.runs.worker.answer` does.

    Ends when the parent has ended, or has asked nothing for `idle` seconds. `here` is the file for
    notes, and its folder is for all files; `patience` is the number of seconds for which code may
    hold the interpreter. With `for_user` a user's function will be asked for.
    """
    global _waits
    write_to(here)
    tempfile.tempdir = os.path.dirname(here)
    with suppress(OSError):
        os.unlink(here)  # both sides hold it by now
    calls, answers = take_pipes()
    leave = partial(shutil.rmtree, tempfile.tempdir, ignore_errors=True)
    end = end_with(parent, patience, lambda: bool(_waits) and monotonic() - _waits > idle, leave)
    if for_user:
        callee_start.start_early()
    from harness.runs.worker import answer

    with suppress(EOFError, BrokenPipeError):
        while True:
            _waits = monotonic()
            function, arguments = load(calls)  # noqa: S301 - from the process that started this one
            _waits = 0.0
            here_is(NOWHERE, NOWHERE)
            result = answer(function, arguments)
            here_is(NOWHERE, NOWHERE)
            dump(result, answers)
            answers.flush()
    end()  # the parent has ended, and nobody else removes the folder
