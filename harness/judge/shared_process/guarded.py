"""Judges an implementation whose code shares this process: what it does to the judge is its crash.

`harness.judge.judge` trusts its process, as the parent of a worker can.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from sys import getrecursionlimit, setrecursionlimit
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from harness.judge.calls.crash import BEFORE, crash_place, is_users
from harness.judge.calls.observe import Implementation, LeftBehind, first_line
from harness.judge.calls.returned import Observation
from harness.judge.calls.seal import Sealed, opened, sealed
from harness.judge.judge import Answer, name_of
from harness.judge.judge import ask as plain_ask
from harness.judge.judge import verdict_on as plain_verdict_on
from harness.judge.shared_process import known_values
from harness.judge.shared_process.guard import Body, Record, mocks, put, record, restore, sentence
from harness.judge.shared_process.known_case import DISTURBED, trouble
from harness.judge.shared_process.reach import (
    Namespace,
    builtins_of,
    functions,
    in_sys_modules,
    modules_of,
    namespaces,
    numpy_parts,
)
from harness.judge.verdict import Verdict
from references.case import Case

GUARDS = ("harness.judge.shared_process.guard", "harness.judge.shared_process.guarded")
# These word a crash, or help to record: they decide no verdict.
NO_PARTS = (
    *GUARDS,
    *(f"harness.judge.calls.{name}" for name in ("crash", "kinds")),
    *(f"harness.judge.shared_process.{name}" for name in ("known_values", "reach")),
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
    case: Case | Sealed, implementation: Implementation, name: str | None = None, **options: Any
) -> Answer:
    """Makes every call. What was changed before them, or by them, is put back and is a crash.

    The options are those of `harness.judge.judge.ask`.
    """
    name = name or name_of(implementation)
    if UNTRUE:
        return _crash(case, name, STRANGE.format(UNTRUE[0]))
    if edits := restore(SHARED):
        return _crash(case, name, sentence(edits, BEFORE))
    own = _in_this_process(implementation)
    answer, reason, error = _protect(partial(plain_ask, case, own, name, **options))
    if error is not None:
        reason = reason or _intrusion(error)
    return _crash(case, name, reason, error) if reason else answer


def verdict_on(answer: Answer) -> Verdict:
    """Compares an answer with its certificates; code that intrudes meanwhile has crashed."""
    (verdict,) = verdicts_on((answer,))
    return verdict


def verdicts_on(answers: Iterable[Answer]) -> tuple[Verdict, ...]:
    """Does the same for several; where the judge was changed meanwhile, all of them are crashes."""
    answers = tuple(answers)
    verdicts, reason, error = _protect(lambda: tuple(map(_verdict_on, answers)))
    if reason:
        return tuple(_verdict(answer, reason, error) for answer in answers)
    if error is not None:
        raise error
    return verdicts  # type: ignore[no-any-return]


def restoring(implementation: Implementation) -> Implementation:
    """Wraps an implementation: the same function raises LeftBehind where a call changed the judge.

    For what calls it again and again, to shrink or to explain a failure.
    """
    plain = _in_this_process(implementation)

    def run(case: Case) -> Any:
        outputs, reason, error = _protect(lambda: plain(case))
        if reason:
            raise LeftBehind(reason) from error
        if error is not None:
            raise error
        return outputs

    run.exact_dtype = plain.exact_dtype  # type: ignore[attr-defined]
    if isinstance(implementation, FunctionType) and hasattr(implementation, "notebook_form"):
        run.notebook_form = implementation.notebook_form  # type: ignore[attr-defined]
    return run


def _protect(function: Callable[[], Any]) -> tuple[Any, str, BaseException | None]:
    """Calls a function that calls a user's code, then puts back all that was changed.

    Returns its result, a sentence about the changes, and what it raised, unless that is Ctrl-C.
    """
    global GUARD  # put back as it was
    # Names of this frame, which no call can replace.
    guard, limit = GUARD, getrecursionlimit()
    restore_all, code, vital = guard
    result = error = None
    try:
        result = function()
    except BaseException as problem:
        error = problem
    if restore_all.__code__ is not code:
        restore_all.__code__ = code
    reason = restore_all(limit, vital)
    if globals().get("GUARD") is not guard:
        GUARD = guard
        reason = reason or sentence(("replaced harness.judge.shared_process.guarded.GUARD",))
    if isinstance(error, KeyboardInterrupt):
        raise error
    return result, reason, error


def _verdict_on(answer: Answer) -> Verdict:
    try:
        return plain_verdict_on(answer)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return _verdict(answer, _intrusion(error), error)


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
    restore_all, _, vital = GUARD
    if reason := restore_all(0, vital):
        return f"{DISTURBED}: {reason.replace('it', 'something', 1)}"
    return trouble()


@contextmanager
def mocks_aside() -> Iterator[None]:
    """Puts back what a test has replaced of NumPy and the builtins, for as long as this lasts."""
    own = mocks(SHARED)
    restore(SHARED)
    try:
        yield
    finally:
        for space, key, value in own:
            put(space, key, value)


def leftovers() -> str:
    """Puts back what a test has left replaced, and says what; empty for nothing."""
    edits = restore(SHARED)
    return sentence(edits, "after its end the test had") if edits else ""


def _restore_all(limit: int, vital: Vital) -> str:
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
    edits = (*edits, *restore(SHARED), *restore(OWN))
    if is_low:
        edits = (*edits, "lowered the recursion limit")
    return sentence(edits) if edits else ""


def _intrusion(error: BaseException) -> str:
    """Says what a user's code raised while the judge was at work. Raises an error of ours."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None or not is_users(trace.tb_frame.f_code.co_filename):
        raise error
    return (
        f"its code raised {type(error).__name__} while the judge was at work: {first_line(error)}"
    )


def _crash(
    case: Case | Sealed, name: str, reason: str, error: BaseException | None = None
) -> Answer:
    seal = sealed(case)
    place = crash_place(error) if error else None
    observation = Observation(None, "crashed", reason, error, place)
    return Answer(opened(seal), seal, name, observation)


def _verdict(answer: Answer, reason: str, error: BaseException | None = None) -> Verdict:
    place = crash_place(error) if error else None
    return Verdict("crashed", answer.name, answer.own, reason, cause=error, crash=place)


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


GUARD = (_restore_all, _restore_all.__code__, _vital())
