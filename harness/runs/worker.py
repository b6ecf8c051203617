"""Runs in a worker process: judges blocks, reads limits, explains failures, audits checks."""

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

from harness.implementations.answers import Use
from harness.implementations.callee_process import SPOIL, Callee
from harness.implementations.find import NotFound, Unusable, notebook_form
from harness.implementations.names import is_users
from harness.implementations.own_limits import own_limits
from harness.implementations.remote import Remote
from harness.implementations.remote_check import check_in
from harness.implementations.resolve import claim, resolve
from harness.judge.calls.observe import Implementation, text_of
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.processes.here import IMPORT, NOWHERE, here_is, still_here
from harness.runs.batches import Block, Row, judge_block
from harness.runs.environment import environment
from references import NotInstalled
from references.case import Case
from references.form import Form
from references.layer import Unreadable
from references.unsupported import Unsupported

if TYPE_CHECKING:  # a worker loads the known mistakes where something fails
    from harness.mistakes.audit import Audit
    from harness.mistakes.causes.diagnosis import Diagnosis
    from harness.runs.findings import Finding, Request

UNUSED = "matplotlib"  # Keras imports it where it is, for a second; nothing in a worker draws


def answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    """Calls the function; returns (True, its result) or (False, an error)."""
    try:
        return True, function(*arguments)
    except (NotFound, NotInstalled, Unreadable, Unsupported) as error:
        return False, error
    # A defect of ours: it goes out with its traceback, as an error that the parent can rebuild.
    except Exception as error:
        copy = RuntimeError(f"{type(error).__name__}: {text_of(error)}")
        copy.add_note(traceback.format_exc())
        return False, copy


def judge_in_worker(block: Block) -> tuple[list[Row], dict[str, str], tuple[Use, ...]]:
    """Returns the block's rows, the environment as this process knows it, and uses of the answer.

    Raises NotFound or NotInstalled.
    """
    choices = block.limits.choices
    implementations = {
        name: claim(timed_import(name, at), choices) for at, name in enumerate(block.names)
    }

    def before(name: str, index: int) -> None:
        here_is(block.names.index(name), index)

    rows = [
        row._replace(verdict=sendable(row.verdict))
        for row in judge_block(block, implementations, before)
    ]
    uses = (
        use
        for one in implementations.values()
        if isinstance(one, Remote)
        for use in one.callee.uses
    )
    return rows, _environment(block.names), tuple(uses)


def limits_of(name: str, position: int = 0) -> Mapping[str, Any]:
    """Returns an implementation's own limits, within which a notebook's function refuses none.

    `position` is that of the name among those which are imported in one task. Raises NotFound or
    NotInstalled.
    """
    return own_limits(name, timed_import(name, position))


def form_in_worker(name: str) -> Form | None:
    """Returns what a probe shows of a notebook's function, within the limit for one verdict.

    Raises Unusable where it is not written yet.
    """
    implementation = timed_import(name, 0)
    here_is(0, 0)
    return notebook_form(name, implementation)


def finding_in_worker(request: "Request") -> "Finding":
    """Returns what is behind these failures."""
    from harness.runs.findings import finding

    failure = request.failure
    implementation = implementation_of(failure.implementation)
    claimed = claim(implementation, vars(failure.case.config))
    report = finding(request, timed(claimed))
    return replace(report, small=sendable(report.small))


def explain_in_worker(
    case: Case, name: str, patience: float
) -> "tuple[Verdict, Verdict | None, Diagnosis | None]":
    """Returns the verdict on a case, and of a failure what `diagnose_soon` does.

    Raises as `limits_of`.
    """
    from harness.runs.effort import diagnose_soon

    run = timed(claim(timed_import(name, 0), vars(case.config)))
    verdict = judge(case, run, name)
    if not verdict.is_failure:
        return sendable(verdict), None, None
    small, diagnosis = diagnose_soon(verdict, run, patience)
    return sendable(verdict), small and sendable(small), diagnosis


def audit_in_worker(check: str, frameworks: Sequence[str] | None = None) -> "Audit":
    """Returns the audit of a user's check, within the limit for one verdict of its every call.

    Raises as `limits_of`, and NotFound where it fails for the right loop.
    """
    from harness.mistakes.audit import WrongCheck, audit

    here_is(0, IMPORT)
    callee = Callee(check)
    here_is(0, 0)
    try:
        result = audit(check_in(callee, still_here), frameworks)
    except WrongCheck as error:
        if callee.is_open:
            raise NotFound(str(error)) from error
    if callee.is_open:
        return result
    raise Unusable(f"{check} cannot be used: {SPOIL}")


def timed(implementation: Implementation) -> Implementation:
    """Wraps an implementation: the limit for one verdict holds for each of its calls."""
    if isinstance(implementation, Remote):
        return implementation.but(around=_call)

    @wraps(implementation)
    def run(case: Case) -> Any:
        with _call():
            return implementation(case)

    return run


@contextmanager
def _call() -> Iterator[None]:
    here_is(0, 0)
    try:
        yield
    finally:
        here_is(NOWHERE, NOWHERE)


@cache
def _environment(names: tuple[str, ...]) -> dict[str, str]:
    return environment(names)


def timed_import(name: str, position: int = 0) -> Implementation:
    """Returns the implementation; the limit for one verdict holds for a user's import, too."""
    if not is_users(name):
        return implementation_of(name)
    here_is(position, IMPORT)
    try:
        return implementation_of(name)
    finally:
        here_is(NOWHERE, NOWHERE)


def digests_of(name: str) -> dict[str, str]:
    """The versions of a user's files, see `implementations.digests`; none for a reference."""
    implementation = implementation_of(name)
    return implementation.digests() if isinstance(implementation, Remote) else {}


@cache
def implementation_of(name: str) -> Implementation:
    """Returns the implementation: a reference, or what stands for a user's in its own process.

    It is loaded once in this process. Raises NotFound, Unusable or NotInstalled.
    """
    if is_users(name):
        return Remote.of(name)
    with _as_if_absent(UNUSED):
        return resolve(name)[1]


@contextmanager
def _as_if_absent(module: str) -> Iterator[None]:
    """Has imports of a module raise ModuleNotFoundError, unless it is loaded already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # Python's import system documents it
    try:
        yield
    finally:
        del sys.modules[module]


def sendable(verdict: Verdict) -> Verdict:
    """Replaces the cause by a RuntimeError of the same text, which the parent can rebuild."""
    if not verdict.cause:
        return verdict
    return replace(verdict, cause=RuntimeError(text_of(verdict.cause)))
