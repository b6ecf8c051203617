"""A user's implementation in a process of its own, which holds no judge: see `harness.runs.callee`.

Whatever becomes of that process becomes of this one, a worker: who started this one sees how the
implementation ended, at which case, and whether it kept to the limits.
"""

import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn, TypeVar

import numpy as np

from harness.judge.crash import CrashPlace
from harness.judge.observe import Implementation, Observation, take_outputs
from harness.runs import pipes
from harness.runs.answers import Use
from harness.runs.callee import LAST
from harness.runs.find import NotFound, Unusable
from harness.runs.frames import Malformed, Message, receive, send
from references.as_arrays import arrays_by_name, case_from, output_arrays, outputs_from, table_of
from references.case import Case, Outputs
from references.form import Form
from references.unsupported import Unsupported

MAIN = (
    "import sys; sys.path[:] = {path!r}; from harness.runs.callee import main; main(*{arguments!r})"
)
T = TypeVar("T")
SPOILT = "it wrote into the answers of its process, or closed them"
# What a table raises that does not have what it should.
MISFITS = (KeyError, TypeError, AttributeError, OverflowError)
GRACE = 5.0  # seconds from the end of its answers to the end of a process
MOST_STARTS = 3  # of a process whose answers were spoilt


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
        self._end, self._starts, self.calls = end, 0, 0
        self._start()

    def _start(self) -> None:
        self._starts += 1
        arguments = (os.getpid(), pipes.patience)
        self._process = subprocess.Popen(  # noqa: S603 - this Python, and code of ours
            [sys.executable, "-c", MAIN.format(path=sys.path, arguments=arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._close = weakref.finalize(self, _end, self._process)
        try:
            self.ask("import", dict, name=self.name)
        except NotFound:
            self.close()
            raise

    def close(self) -> None:
        """Ends the process, as it ends where nobody has this object any more."""
        self._close()

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
                raise Unusable(f"{self.name} cannot be used: {answer['reason']}")
        except (Malformed, *MISFITS) as error:
            raise Unusable(f"{self.name} cannot be used: {SPOILT}") from error
        raise NotFound(str(answer["absent"]))

    def exchange(
        self, table: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None
    ) -> Message:
        """Sends a request, and returns the answer. Raises Malformed where that is none."""
        try:
            send(self._process.stdin, table, arrays or {})  # type: ignore[arg-type]
            return receive(self._process.stdout)  # type: ignore[arg-type]
        except (EOFError, BrokenPipeError):
            with suppress(subprocess.TimeoutExpired):
                self._end(self._process.wait(GRACE))
            raise Malformed(SPOILT) from None

    def observe(self, case: Case, options: Mapping[str, Any]) -> Observation:
        """Calls the function on a case, which nothing that it does can change."""
        if self._starts > MOST_STARTS:
            return Observation(None, "crashed", SPOILT)
        request = {"do": "call", **table_of(case), **options}  # `options` may name another
        self.calls += 1
        try:
            table, arrays = self.exchange(request, arrays_by_name(case))
            self.uses = tuple(Use(*map(_text_or_number, use)) for use in table.get("uses", ()))
            return self._observation(case, table, arrays)
        except (ValueError, *MISFITS):  # Malformed is one
            self.close()
            if self._starts == MOST_STARTS:
                self._starts += 1
            else:
                self._start()
            return Observation(None, "crashed", SPOILT)

    def _observation(
        self, case: Case, table: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
    ) -> Observation:
        if arrays:
            observation = take_outputs(case, outputs_from(arrays), exact_dtype=False)
            return replace(observation, overwritten=partial(self._overwritten, self.calls))
        if table["kind"] not in ("differs", "refused", "crashed"):
            raise Malformed(SPOILT)
        cause, crash = table.get("cause"), _place(table.get("crash"))
        error = RuntimeError(cause) if cause is not None else None
        return Observation(None, table["kind"], str(table["reason"]), error, crash)

    def _overwritten(self, call: int) -> str:
        """Names the first array of that call's answer that has changed since."""
        back = self.calls - call + 1
        if back > LAST:
            return ""
        return self.ask("look", lambda answer: str(answer["name"]), back=back)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    with suppress(OSError, ValueError):  # what it was told last is still to be written
        process.communicate()


@dataclass(frozen=True)
class Remote:
    """The function as an implementation: what the judge observes of it comes from its process."""

    callee: Callee
    nonlinearity: str = ""  # that a notebook's function claims to compute
    watch: bool = False  # each call for side effects
    around: Callable[[], AbstractContextManager[Any]] = nullcontext  # each call

    @classmethod
    def of(cls, name: str, callee: Callee | None = None) -> "Remote":
        """Starts the process, unless there is a callee. Raises NotFound or Unusable.

        The object has the attributes `limits`, `notebook_form` and `with_nonlinearity` where the
        function has them.
        """
        return cls(callee or Callee(name))._described()

    def _described(self) -> "Remote":
        limits, is_notebook = self.callee.ask("describe", _description)
        if limits is not None:
            object.__setattr__(self, "limits", limits)
        if is_notebook:
            object.__setattr__(self, "notebook_form", self._form)
            object.__setattr__(self, "with_nonlinearity", partial(self.but, "nonlinearity"))
        return self

    def but(self, name: str, value: Any) -> "Remote":
        """This implementation with another value of a field."""
        other = replace(self, **{name: value})
        for attribute in ("limits", "notebook_form", "with_nonlinearity"):
            if hasattr(self, attribute):
                object.__setattr__(other, attribute, getattr(self, attribute))
        return other

    def _form(self) -> Form:
        return self.callee.ask("probe", lambda answer: Form(**_limits(answer["form"])))

    def observe(self, case: Case) -> Observation:
        """What `harness.judge.observe.observe` gives."""
        with self.around():
            return self.callee.observe(
                case, {"nonlinearity": self.nonlinearity, "watch": self.watch}
            )

    def __call__(self, case: Case) -> Outputs:
        """The outputs; raises what stands for a refusal or a crash."""
        observation = self.observe(case)
        if observation.outputs is not None:
            return observation.outputs
        kind = Unsupported if observation.kind == "refused" else RuntimeError
        raise kind(observation.reason)

    def overwrite(self, case: Case) -> Observation:
        """What `harness.runs.overwrite.overwrite` gives."""
        options = {"do": "overwrite", "nonlinearity": self.nonlinearity}
        return self.callee.observe(case, options)

    def digests(self) -> dict[str, str]:
        """The versions of the user's files, see `harness.runs.digests`."""
        return self.callee.ask("digest", lambda answer: _texts(answer["digests"]))


def check_in(callee: Callee, before: Callable[[], None]) -> Callable[[Implementation], None]:
    """A user's check, whose process asks this one for what `run` gives. It raises as the check.

    `before` is called before each part of it.
    """

    def check(run: Implementation) -> None:
        before()
        table, arrays = callee.exchange({"do": "check"})
        while table.get("do") == "run":
            before()
            try:
                answer: Mapping[str, Any] = {}
                outputs = output_arrays(run(case_from(table, arrays)))
            except Unsupported as refusal:
                answer, outputs = {"refused": str(refusal)}, {}
            except Exception as error:
                answer, outputs = {"raised": f"{type(error).__name__}: {error}"}, {}
            table, arrays = callee.exchange(answer, outputs)
        if table["raised"] == "AssertionError":
            raise AssertionError(table["text"])
        if table["raised"]:
            raise type(str(table["raised"]), (RuntimeError,), {})(table["text"])

    return check


def _description(answer: dict[str, Any]) -> tuple[dict[str, Any] | None, bool]:
    limits = answer["limits"]
    return None if limits is None else _limits(limits), bool(answer["is_notebook"])


def _limits(values: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): _limit(value) for name, value in values.items()}


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()}


def _place(fields: Any) -> CrashPlace | None:
    return CrashPlace(*map(_text_or_number, fields)) if fields else None


def _text_or_number(value: Any) -> Any:
    return value if type(value) is int else str(value)


def _limit(value: Any) -> Any:
    return tuple(map(_limit, value)) if isinstance(value, list) else value
