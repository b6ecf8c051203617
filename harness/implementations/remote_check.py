"""A user's check that runs in a process of its own, and calls what it checks in this one."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from harness.implementations.callee_process import MISFITS, Callee
from harness.implementations.frames import Malformed
from harness.judge.calls.observe import Implementation
from harness.printable import one_line
from references.as_arrays import case_from, output_arrays
from references.unsupported import Unsupported


def check_in(callee: Callee, before: Callable[[], None]) -> Callable[[Implementation], None]:
    """A user's check, whose process asks this one for what `run` gives. It raises as the check.

    `before` is called before each call of the check. A process that spoils its answers is closed.
    """

    def check(run: Implementation) -> None:
        before()
        try:
            table = _check_in(callee, run)
            kind, text = str(table["raised"]), str(table.get("text", ""))
        except (Malformed, *MISFITS):
            callee.close()
            raise
        if kind:
            is_assertion = kind == "AssertionError"
            own = AssertionError if is_assertion else type(one_line(kind), (RuntimeError,), {})
            error: Exception = own(text)
            error.place = one_line(str(table.get("place", "")))  # type: ignore[attr-defined]
            raise error

    return check


def _check_in(callee: Callee, run: Implementation) -> Mapping[str, Any]:
    """Calls the check once, and returns what became of it."""
    table, arrays = callee.exchange({"do": "check"})
    while table.get("do") == "run":
        answer: Mapping[str, Any] = {}
        outputs: Mapping[str, np.ndarray] = {}
        case = case_from(table, arrays)
        try:
            outputs = output_arrays(run(case))
        except Unsupported as refusal:
            answer = {"refused": str(refusal)}
        except Exception as error:
            answer = {"raised": f"{type(error).__name__}: {error}"}
        table, arrays = callee.exchange(answer, outputs)
    return table
