"""The process of a user's function, which holds no judge: see `harness.implementations.callee`.

Whatever becomes of that process becomes of this one, a worker: who started this one sees how the
function ended, at which case, and whether it kept to the limits.
"""

import os
import signal
import subprocess
import weakref
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from queue import Empty
from typing import Any, NoReturn, TypeVar

import numpy as np

from harness.implementations import callee_start
from harness.implementations.answers import Use
from harness.implementations.find import NotFound, Unusable
from harness.implementations.frames import Malformed, Message, receive, send
from harness.judge.calls.crash import CrashPlace
from harness.judge.calls.returned import Observation, take_outputs
from harness.printable import one_line
from harness.processes.inbox import GRACE, Inbox
from references.as_arrays import arrays_by_name, outputs_from, table_of
from references.case import Case

T = TypeVar("T")
SPOIL = "it wrote into the answers of its process, or closed them"
MOST_STARTS = 3  # of a process that spoils its answers
# What a table raises that does not have what it should.
MISFITS = (KeyError, TypeError, AttributeError, OverflowError, RecursionError, MemoryError)


def end_alike(status: int) -> NoReturn:
    """Ends this process as another one ended, by its exit status or its signal."""
    if status < 0:
        with suppress(OSError, ValueError):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(abs(status))


class Callee:
    """The process of one user's function."""

    def __init__(self, name: str, end: Callable[[int], NoReturn] = end_alike) -> None:
        """Imports it there. Raises NotFound or Unusable.

        `end` is called with the status of a process that has ended.
        """
        self.name, self.uses = name, tuple[Use, ...]()
        self._end, self._starts, self._calls = end, 0, 0
        self._over: list[int] = []  # calls that nobody will look at again
        self._start()

    def _start(self) -> None:
        self._starts += 1
        self._process = callee_start.start()
        self._inbox = Inbox(self._process.stdout, receive)  # type: ignore[arg-type]
        self._close = weakref.finalize(self, _end, self._process)
        try:
            self.ask("start", dict)  # it is there: the user's own code begins with the import
            self.ask("import", dict, name=self.name)
        except NotFound:
            self.close()
            raise

    def close(self) -> None:
        """Ends the process, as it ends where nobody has this object any more."""
        self._close()

    @property
    def is_open(self) -> bool:
        """It can still be asked."""
        return self._close.alive

    def ask(self, what: str, read: Callable[[dict[str, Any]], T], **about: Any) -> T:
        """Returns what `read` takes out of the answer's table. Raises NotFound or Unusable."""
        try:
            answer, _ = self.exchange({"do": what, **about})
            if not {"absent", "unusable", "reason"} & answer.keys():
                return read(answer)
            if "unusable" in answer:
                error = Unusable(str(answer["unusable"]), str(answer["paste"]))
                error.crash = _place(answer["crash"])
                raise error
            if "reason" in answer:
                raise Unusable(f"{self.name} cannot be used: {one_line(answer['reason'])}")
        except (Malformed, *MISFITS) as error:
            raise Unusable(f"{self.name} cannot be used: {SPOIL}") from error
        raise NotFound(one_line(answer["absent"]))

    def digests(self) -> dict[str, str]:
        """The versions of the user's files, see `digests`; none of a dead process."""
        if not self.is_open:
            return {}
        return self.ask("digest", lambda answer: _texts(answer["digests"]))

    def exchange(
        self, table: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None
    ) -> Message:
        """Sends a request, and returns the answer. Raises Malformed where that is none."""
        if not self.is_open:
            raise Malformed(SPOIL)
        try:
            send(self._process.stdin, table, arrays or {})  # type: ignore[arg-type]
            return self._answer()
        except (EOFError, BrokenPipeError):
            with suppress(subprocess.TimeoutExpired):
                self._end(self._process.wait(GRACE))
            raise Malformed(SPOIL) from None

    def _answer(self) -> Message:
        """Waits for an answer. Raises EOFError where the process has ended without one."""
        while True:
            is_over = self._process.poll() is not None  # what it left may hold the answers open
            try:
                message: Message = self._inbox.get()
                return message
            except Empty:
                if is_over:
                    raise EOFError from None

    def observe(self, case: Case, options: Mapping[str, Any]) -> Observation:
        """Calls the function on a case, which nothing that it does can change."""
        if not self.is_open:
            reason = f"was not called: its process spoiled its answers {MOST_STARTS} times"
            return Observation(None, "crashed", f"it {reason}")
        self._calls += 1
        over, self._over = self._over, []
        about = {"do": "call", "number": self._calls, "over": over}  # `options` may do another
        request = {**about, **table_of(case), **options}
        try:
            table, arrays = self.exchange(request, arrays_by_name(case))
            self.uses = tuple(map(_use, table.get("uses", ())))
            return self._observation(case, table, arrays)
        except (ValueError, *MISFITS):  # Malformed is one
            self.close()
            if self._starts < MOST_STARTS:
                self._start()
            return Observation(None, "crashed", SPOIL)

    def _observation(
        self, case: Case, table: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
    ) -> Observation:
        if arrays:
            observation = take_outputs(case, outputs_from(arrays), exact_dtype=False)
            look = partial(self._look, self._process, self._calls)
            weakref.finalize(look, self._over.append, self._calls).atexit = False
            by_last = table.get("by_last_outputs") is True
            return replace(observation, overwritten=look, by_last_outputs=by_last)
        if table["kind"] not in ("differs", "refused", "crashed"):
            raise Malformed(SPOIL)
        cause, crash = table.get("cause"), _place(table.get("crash"))
        error = RuntimeError(one_line(cause)) if cause is not None else None
        return Observation(None, table["kind"], one_line(table["reason"]), error, crash)

    def _look(self, process: object, number: int) -> str:
        """Names the first array of that call's answer that has changed since."""
        if process is not self._process or not self.is_open:  # it went with its arrays
            return ""
        return self.ask("look", lambda answer: one_line(answer["name"]), number=number)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends it; its inbox ends with it."""
    process.kill()
    process.wait()
    with suppress(OSError):
        process.stdin.close()  # type: ignore[union-attr]


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {one_line(name): one_line(value) for name, value in values.items()}


def _use(fields: Iterable[Any]) -> Use:
    module, file, line = fields
    return Use(one_line(module), one_line(file), _whole(line))


def _place(fields: Any) -> CrashPlace | None:
    if not fields:
        return None
    error, file, line, function, source = fields
    texts = [one_line(text) for text in (error, file, function, source)]
    return CrashPlace(texts[0], texts[1], _whole(line), texts[2], texts[3])


def _whole(value: Any) -> int:
    return value if type(value) is int else 0
