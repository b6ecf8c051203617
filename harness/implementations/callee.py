"""Runs a user's implementation, in a process that holds no judge: cases come in, arrays go out.

The parent has a `callee_process.Callee`. Each request is a table that says what to `do`, with the
arrays of a case where there is one; each answer is a table with the arrays of the outputs.
"""

import inspect
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from harness.implementations import answers, side_effects
from harness.implementations.digests import digests
from harness.implementations.find import NotFound, Unusable, adapted, find, notebook_form
from harness.implementations.frames import Message, receive, send
from harness.implementations.overwrite import overwrite
from harness.judge.calls.crash import crash_place
from harness.judge.calls.kinds import uses_framework
from harness.judge.calls.observe import (
    Implementation,
    first_line,
    observe,
    text_of,
    without_outputs,
)
from harness.judge.calls.returned import Observation
from harness.processes.pipes import end_with, take_pipes
from references.as_arrays import (
    arrays_by_name,
    case_from,
    output_arrays,
    outputs_from,
    table_of,
)
from references.case import Case, Outputs
from references.unsupported import Unsupported

Arrays = Mapping[str, np.ndarray]
Reply = tuple[dict[str, Any], Arrays]
COPIES = 2  # of this process, each made by the one before: so a daemon starts


def main(parent: int, patience: float) -> None:
    """Answers requests until they end. `parent` and `patience` are as for `end_with`."""
    _limit_copies()
    own = os.getpid()
    requests, replies = take_pipes()
    end_with(parent, patience)

    def reply(table: Mapping[str, Any], arrays: Arrays) -> None:
        if os.getpid() != own:  # a copy, made by a fork of the implementation's
            os._exit(0)
        send(replies, table, arrays)

    exchange = Exchange(reply, lambda: receive(requests))
    with suppress(EOFError, BrokenPipeError):
        while True:
            reply(*exchange.answer(*exchange.receive()))


def _limit_copies() -> None:
    """Ends copies of copies of copies: a fork in each of B rows would make 2^B of them."""
    depth = 0

    def count() -> None:
        nonlocal depth
        depth += 1
        if depth > COPIES:
            os._exit(0)

    if hasattr(os, "register_at_fork"):  # not on Windows
        os.register_at_fork(after_in_child=count)


class Exchange:
    """One user's function, and what was asked of it."""

    def __init__(self, send: Callable[..., None], receive: Callable[[], Message]) -> None:
        self.send, self.receive = send, receive
        self._name = ""
        self._function: Any = None
        self._observations: dict[int, Observation] = {}  # those that can be looked at again
        self._sequences: WeakValueDictionary[int, Any] = WeakValueDictionary()  # that a check has

    def answer(self, table: Mapping[str, Any], arrays: Arrays) -> Reply:
        """Returns the answer to this request, whatever the user's code raises."""
        try:
            match table["do"]:
                case "start":
                    return {}, {}
                case "import":
                    return self._import(table["name"]), {}
                case "describe":
                    return self._description(), {}
                case "probe":
                    form = notebook_form(self._name, self._run(*_claim(table), False))
                    return {"form": form and form._asdict()}, {}
                case "call":
                    return self._call(case_from(table, arrays), table)
                case "overwrite":
                    run = self._run(*_claim(table), False)
                    return self._about(overwrite(case_from(table, arrays), run)), {}
                case "look":
                    return {"name": self._observations[table["number"]].overwritten()}, {}
                case "digest":
                    return {"digests": digests(self._name.rpartition(":")[0])}, {}
                case _:
                    return self._check(), {}
        except Unusable as error:
            crash = error.crash and list(error.crash)
            return {"unusable": error.sentence, "paste": error.paste, "crash": crash}, {}
        except NotFound as error:
            return {"absent": str(error)}, {}
        # Its own code is caught where it is called: it broke what runs it.
        except BaseException as error:
            kind = type(error).__name__
            return {"kind": "crashed", "reason": f"it broke the process that runs it: {kind}"}, {}

    def _import(self, name: str) -> dict[str, Any]:
        self._name = name
        answers.watch(name)
        try:
            self._function = find(name)
        except KeyboardInterrupt as error:  # Ctrl-C is ignored here: it raised that itself
            unusable = Unusable(f"{name} cannot be imported: it raised KeyboardInterrupt")
            unusable.crash = crash_place(error)
            raise unusable from error
        return {}

    @cached_property
    def _implementation(self) -> Implementation:
        return adapted(self._function, self._name)

    def _description(self) -> dict[str, Any]:
        """What is known of the function without a call."""
        run = self._implementation
        try:
            limits = getattr(run, "limits", None)
            if isinstance(limits, Mapping):
                limits = {str(name): _plain(value) for name, value in limits.items()}
        except Exception as error:
            reason = f"{type(error).__name__}: {first_line(error)}"
            raise Unusable(f"{self._name} cannot be used: its limits raised {reason}") from error
        return {
            "limits": limits if isinstance(limits, dict) else None,
            "is_notebook": hasattr(run, "notebook_form"),
            "uses_framework": uses_framework(run),
        }

    def _call(self, case: Case, table: Mapping[str, Any]) -> Reply:
        run = self._run(*_claim(table), table["watch"])
        try:
            observation = observe(case, run)
        except KeyboardInterrupt as error:
            observation = without_outputs(error)
        self._observations[table["number"]] = observation
        for number in table["over"]:
            self._observations.pop(number, None)
        outputs = output_arrays(observation.outputs) if observation.outputs else {}
        return self._about(observation), outputs

    def _about(self, observation: Observation) -> dict[str, Any]:
        return {
            "kind": observation.kind,
            "reason": observation.reason,
            "cause": observation.cause and text_of(observation.cause),
            "crash": observation.crash and list(observation.crash),
            "by_last_outputs": observation.by_last_outputs,
            "uses": [list(use) for use in answers.uses()],
        }

    @lru_cache(16)  # noqa: B019 - there is one Exchange in a process
    def _run(self, nonlinearity: str, cell: str, watch: bool) -> Implementation:
        """The implementation, as one that computes this nonlinearity and cell, and under watch."""
        run = self._implementation
        if nonlinearity or cell:
            run = run.with_claim(nonlinearity, cell)  # type: ignore[attr-defined]
        if watch:
            run = side_effects.watch(run)
        return run

    def _check(self) -> dict[str, Any]:
        """Calls a user's check with a function that asks the parent for its outputs."""
        self._sequences.clear()
        try:
            result = self._function(self._ask)
        except BaseException as error:  # pytest.fail and sys.exit raise no Exception
            is_assertion = isinstance(error, AssertionError)
            kind = "AssertionError" if is_assertion else type(error).__name__
            return {"raised": kind, "text": text_of(error), "place": str(crash_place(error) or "")}
        if inspect.iscoroutine(result):
            result.close()  # else it warns that nobody awaited it
        return {"raised": "", "result": None if result is None else type(result).__name__}

    def _ask(self, *arguments: Any, **named: Any) -> Outputs:
        if named or len(arguments) != 1 or not isinstance(arguments[0], Case):
            raise TypeError("run takes one Case, as sample_cases draws them: run(case)")
        (case,) = arguments
        self.send({"do": "run", **table_of(case)}, arrays_by_name(case))
        table, arrays = self.receive()
        if "refused" in table:
            raise Unsupported(table["refused"])
        if "raised" in table:
            raise RuntimeError(table["raised"])
        # One array for several calls stays one: the check may have kept it.
        own = self._sequences.setdefault(table["number"], np.array(arrays["sequence"]))
        np.copyto(own, arrays["sequence"])
        return outputs_from({**arrays, "sequence": own})


def _claim(table: Mapping[str, Any]) -> tuple[str, str]:
    """The nonlinearity and the cell that a notebook's function claims, each empty for none."""
    return table.get("nonlinearity", ""), table.get("cell", "")


def _plain(value: Any) -> Any:
    """A limit's value as JSON has it; as text where it is none that a limit can have."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) else repr(value)
