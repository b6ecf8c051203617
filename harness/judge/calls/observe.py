"""Runs an implementation on a case and records what comes out, whatever that is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from harness.judge.calls.copies import arrays_of, copy_of, is_copy
from harness.judge.calls.crash import crash_place
from harness.judge.calls.last_outputs import ALONE, is_last_output, of_each_length
from harness.judge.calls.returned import (
    OVERWRITTEN,
    Observation,
    as_outputs,
    malformed,
    take_outputs,
)
from references.case import Case
from references.unsupported import Unsupported, WrongReturn

Implementation = Callable[[Case], Any]
ONE_LENGTH = (
    f"{ALONE}, and on the case cut to {{}} of {{}} steps {{}}; return the output of every step"
)
ONLY_LAST = "only its last output on the whole case is known: return the output of every step"


class LeftBehind(Exception):
    """Says, in a sentence about "it", which side effects an implementation leaves for later code.

    Raised by those who watch an implementation.
    """


class OtherCase(Exception):
    """Says that an implementation has outputs of one case alone, and that this is another."""


def observe(case: Case, implementation: Implementation) -> Observation:
    """Runs the implementation once, on a copy of the case: its writes cannot reach the judge.

    Outputs in a wider dtype are taken as they are, unless the implementation has an attribute
    `exact_dtype` that is True, as all have that `references.load` gives. One that runs elsewhere
    has a method `observe`, which is asked instead.
    """
    if elsewhere := getattr(implementation, "observe", None):
        return elsewhere(case)  # type: ignore[no-any-return]
    own = copy_of(case)
    # Read now: both may hold anything later.
    before, after = tuple(arrays_of(case).items()), tuple(arrays_of(own).values())
    try:
        # An overflow shows in the outputs, where the judge looks. What the call sets ends here.
        with np.errstate(all="ignore"):
            exact = getattr(implementation, "exact_dtype", False) is True
            returned, by_last = _whole(case, implementation(own), implementation)
            observation = replace(take_outputs(case, returned, exact), by_last_outputs=by_last)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return without_outputs(error)
    if flushes_subnormals():
        reason = (
            "it set the processor to read subnormal numbers as zero, for all that runs after it"
        )
        return Observation(None, "crashed", reason)
    for (name, array), copy in zip(before, after, strict=True):
        if not is_copy(array, copy):
            return malformed(f"it wrote into {name}, which belongs to the caller")
    return observation


def without_outputs(error: BaseException) -> Observation:
    """What an implementation did that raised this error: it refused, differs, or crashed."""
    if isinstance(error, Unsupported):
        return Observation(None, "refused", first_line(error, "no reason was given"))
    if isinstance(error, WrongReturn):  # the user's function raised nothing
        return malformed(first_line(error))
    if isinstance(error, OtherCase):
        return Observation(None, "inconclusive", str(error))
    if isinstance(error, LeftBehind):
        return Observation(None, "crashed", str(error))
    reason = f"it raised {type(error).__name__}: {first_line(error)}"
    return Observation(None, "crashed", reason, error, crash_place(error))


def flushes_subnormals() -> bool:
    """Tells whether this thread reads subnormal numbers as zero.

    `torch.set_flush_denormal` does that, or a library built with -ffast-math.
    """
    return bool(np.float64(2.0**-1074) * np.float64(1) == 0)


def assert_no_flushing() -> None:
    """Raises RuntimeError in a thread that reads subnormal numbers as zero."""
    if flushes_subnormals():
        raise RuntimeError(
            "this thread reads subnormal numbers as zero, so that no bound can be trusted. "
            "Undo torch.set_flush_denormal(True), "
            "or leave out the library that was built with -ffast-math"
        )


def _whole(case: Case, returned: Any, implementation: Implementation) -> tuple[Any, bool]:
    """What was returned, with the last outputs of all lengths where it is a last one alone."""
    outputs = as_outputs(case, returned)
    if isinstance(outputs, Observation) or not is_last_output(case, outputs):
        return outputs, False

    def call(cut: Case) -> Any:
        try:
            return as_outputs(cut, implementation(copy_of(cut)))
        except (OtherCase, LeftBehind, WrongReturn):
            raise
        except Exception as error:
            clause = without_outputs(error).clause
            raise Unsupported(ONE_LENGTH.format(cut.time, case.time, clause)) from error

    copy = outputs.sequence.copy()
    try:
        whole = of_each_length(case, replace(outputs, sequence=copy), call)
    except OtherCase as other:
        raise OtherCase(ONLY_LAST) from other
    if copy.tobytes() != outputs.sequence.tobytes():
        return malformed(OVERWRITTEN.format("sequence")), True
    return whole, True


def first_line(error: BaseException, otherwise: str = "no message") -> str:
    """The first line of an exception's text, which may itself raise."""
    text = text_of(error)
    return text.splitlines()[0][:300] if text else otherwise


def text_of(error: BaseException) -> str:
    """An exception's text; empty where making it raises."""
    try:
        return str(error).strip()
    except KeyboardInterrupt:
        raise
    except BaseException:
        return ""
