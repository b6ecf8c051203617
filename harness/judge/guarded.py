"""Judges an implementation whose code shares this process: what it does to the judge is its crash.

`harness.judge.judge` trusts its process, as the parent of a worker can.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from sys import getrecursionlimit, setrecursionlimit
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from harness.judge import known_values
from harness.judge.crash import crash_place, is_users
from harness.judge.guard import Body, Record, changes, mocks, put, record, sentence
from harness.judge.judge import Answer, name_of
from harness.judge.judge import ask as plain_ask
from harness.judge.judge import verdict_on as plain_verdict_on
from harness.judge.observe import Implementation, LeftBehind, Observation, first_line
from harness.judge.probe import DISTURBED, trouble
from harness.judge.reach import (
    Namespace,
    builtins_of,
    functions,
    in_sys_modules,
    modules_of,
    namespaces,
    numpy_parts,
)
from harness.judge.seal import sealed
from harness.judge.verdict import Verdict
from references.case import Case

GUARDS = ("harness.judge.guard", "harness.judge.guarded")
# These word a crash, or help to record: they decide no verdict.
NO_PARTS = (
    *GUARDS,
    *(f"harness.judge.{name}" for name in ("crash", "kinds", "known_values", "reach")),
)
PARTS = ("harness.judge", *(f"references.{n}" for n in ("arrays", "case", "cells", "unsupported")))
STRANGE = (
    "numpy.{} does not compute what NumPy's does: something had replaced it before rnn-parity was "
    "loaded. Start a new process"
)


class Vital(NamedTuple):
    """What the guard is made of, by name: dict, key and value; and its functions."""

    names: tuple[tuple[str, dict[str, Any], str, Any], ...]
    bodies: tuple[Body, ...]


def _records() -> tuple[Record, Record]:
    """Records what others may replace, too, and what is the judge's own."""
    modules = [one for one in modules_of(*PARTS) if one.__name__ not in NO_PARTS]
    spaces = tuple(namespaces(modules))
    parts, further = numpy_parts(known_values.TESTS)
    codes = [function.__code__ for _, function in (*functions(spaces), *further)]
    shared = (Namespace("numpy", np, vars(np), tuple(known_values.TESTS)), builtins_of(codes))
    return record(shared), record((*spaces, *parts, in_sys_modules(modules)), further)


SHARED, OWN = _records()
UNTRUE = known_values.failures()


def judge(
    case: Case, implementation: Implementation, name: str | None = None, **options: Any
) -> Verdict:
    """Gives the verdict as `harness.judge.judge.judge` does; a changed judge is a crash."""
    return verdict_on(ask(case, implementation, name, **options))


def ask(
    case: Case, implementation: Implementation, name: str | None = None, **options: Any
) -> Answer:
    """Makes every call. What was changed before them, or by them, is put back and is a crash.

    The options are those of `harness.judge.judge.ask`.
    """
    name = name or name_of(implementation)
    if UNTRUE:
        return _crash(case, name, STRANGE.format(UNTRUE[0]))
    if edits := changes(SHARED):
        return _crash(case, name, sentence(edits, "before its call something"))
    # Names of this frame, which no call can replace.
    limit, (restore, code, vital) = getrecursionlimit(), GUARD
    error = answer = None
    try:
        answer = plain_ask(case, _in_this_process(implementation), name, **options)
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        error = problem
    if restore.__code__ is not code:
        restore.__code__ = code
    reason = restore(limit, vital) or (_intrusion(error) if error else "")
    if reason:
        return _crash(case, name, reason, error)
    if error:
        raise error
    assert answer is not None
    return answer


def verdict_on(answer: Answer) -> Verdict:
    """Compares an answer with its certificates; code that intrudes meanwhile has crashed."""
    limit, (restore, _, vital) = getrecursionlimit(), GUARD
    try:
        verdict = plain_verdict_on(answer)
        if edits := changes(SHARED):
            return _verdict(answer, sentence(edits))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason = restore(limit, vital) or _intrusion(error)
        if not reason:
            raise
        return _verdict(answer, reason, error)
    return verdict


def restoring(implementation: Implementation) -> Implementation:
    """Wraps an implementation: the same function raises LeftBehind where a call changed the judge.

    For what calls it again and again, to shrink or to explain a failure.
    """
    plain = _in_this_process(implementation)

    def run(case: Case) -> Any:
        limit, (restore, code, vital) = getrecursionlimit(), GUARD
        try:
            return plain(case)
        finally:
            if restore.__code__ is not code:
                restore.__code__ = code
            if reason := restore(limit, vital):
                raise LeftBehind(reason)

    run.exact_dtype = plain.exact_dtype  # type: ignore[attr-defined]
    return run


def _in_this_process(implementation: Implementation) -> Implementation:
    """Makes a function of it: a user's object with a method `observe` does not run elsewhere."""
    if not callable(implementation):
        return implementation

    def run(case: Case) -> Any:
        return implementation(case)

    is_exact = getattr(implementation, "exact_dtype", False) is True
    run.exact_dtype = is_exact  # type: ignore[attr-defined]
    return run


def disturbance() -> str:
    """Says what disturbs the judge after calls to a user's code; empty for nothing.

    Puts back what was replaced, and has the judge judge a known mistake.
    """
    restore, _, vital = GUARD
    if reason := restore(0, vital):
        return f"{DISTURBED}: {reason.replace('it', 'something', 1)}"
    return trouble()


@contextmanager
def mocks_aside() -> Iterator[None]:
    """Puts back what a test has replaced of NumPy and the builtins, for as long as this lasts."""
    own = mocks(SHARED)
    changes(SHARED)
    try:
        yield
    finally:
        for space, key, value in own:
            put(space, key, value)


def leftovers() -> str:
    """Puts back what a test has left replaced, and says what; empty for nothing."""
    edits = changes(SHARED)
    return sentence(edits, "after its end the test had") if edits else ""


def _restore(limit: int, vital: Vital) -> str:
    """Puts back all that was changed, and says what; empty for nothing.

    First what the guard itself is made of, for which this needs nothing but its arguments.
    """
    edits: tuple[str, ...] = ()
    for label, mapping, name, value in vital.names:
        if mapping.get(name) is not value:
            mapping[name] = value
            edits = (*edits, f"replaced {label}")
    for label, function, code, defaults in vital.bodies:
        if function.__code__ is not code or function.__defaults__ is not defaults:
            function.__code__, function.__defaults__ = code, defaults
            edits = (*edits, f"changed the code of {label}")
    is_low = getrecursionlimit() < limit
    if is_low:
        setrecursionlimit(limit)
    edits = (*edits, *changes(SHARED), *changes(OWN))
    if is_low:
        edits = (*edits, "lowered the recursion limit")
    return sentence(edits) if edits else ""


def _intrusion(error: BaseException) -> str:
    """Says what a user's code raised while the judge was at work; empty for an error of ours."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None or not is_users(trace.tb_frame.f_code.co_filename):
        return ""
    return (
        f"its code raised {type(error).__name__} while the judge was at work: {first_line(error)}"
    )


def _crash(case: Case, name: str, reason: str, error: BaseException | None = None) -> Answer:
    place = crash_place(error) if error else None
    return Answer(case, sealed(case), name, Observation(None, "crashed", reason, error, place))


def _verdict(answer: Answer, reason: str, error: BaseException | None = None) -> Verdict:
    place = crash_place(error) if error else None
    return Verdict("crashed", answer.name, answer.case, reason, cause=error, crash=place)


def _vital() -> Vital:
    """Records what the guard itself is made of."""
    spaces = [(module.__name__, vars(module)) for module in modules_of(*GUARDS)]
    names = [
        (f"{label}.{name}", mapping, name, value)
        for label, mapping in spaces
        for name, value in mapping.items()
        if not name.startswith("__")
    ]
    bodies = [
        Body(label, value, value.__code__, value.__defaults__)
        for label, _, _, value in names
        if isinstance(value, FunctionType) and value.__module__ in GUARDS
    ]
    return Vital(tuple(names), tuple(bodies))


GUARD = (_restore, _restore.__code__, _vital())
