"""A user's check that runs in a process of its own, and calls what it checks in this one."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from weakref import ref

import numpy as np

from harness.implementations.callee_process import MISFITS, Callee
from harness.implementations.frames import Malformed
from harness.judge.calls.observe import Implementation
from harness.printable import one_line
from references.as_arrays import case_from, output_arrays
from references.unsupported import Unsupported


def check_in(callee: Callee, before: Callable[[], None]) -> Callable[[Implementation], object]:
    """A user's check, whose process asks this one for what `run` gives. It raises as the check.

    It returns the name of the type of what the check returned, or None.

    `before` is called before each call of the check. A process that spoils its answers is closed.
    """

    def check(run: Implementation) -> object:
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
        return table.get("result")

    return check


def _check_in(callee: Callee, run: Implementation) -> Mapping[str, Any]:
    """Calls the check once, and returns what became of it.

    A sequence that is the very array of an earlier call has its number, so that it is one there.
    """
    numbers: dict[int, tuple[ref[np.ndarray], int]] = {}
    count = itertools.count()
    table, arrays = callee.exchange({"do": "check"})
    while table.get("do") == "run":
        answer: Mapping[str, Any] = {}
        outputs: Mapping[str, np.ndarray] = {}
        case = case_from(table, arrays)
        try:
            outputs = output_arrays(run(case))
            answer = {"number": _number(outputs["sequence"], numbers, count)}
        except Unsupported as refusal:
            answer = {"refused": str(refusal)}
        except Exception as error:
            answer = {"raised": f"{type(error).__name__}: {error}"}
        table, arrays = callee.exchange(answer, outputs)
    return table


def _number(
    array: np.ndarray, numbers: dict[int, tuple["ref[np.ndarray]", int]], count: Iterator[int]
) -> int:
    """Returns the number of an array among `numbers` by id, or the next of the count."""
    earlier, number = numbers.get(id(array), (None, 0))
    if earlier is None or earlier() is not array:  # another array may have the id of a dead one
        number = next(count)
        numbers[id(array)] = ref(array), number
    return number
