"""Runs an implementation on a case and records what comes out, whatever that is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from harness.judge.crash import CrashPlace, crash_place
from harness.judge.last_outputs import is_last_output, of_each_length
from harness.judge.layouts import looks_like
from harness.judge.seal import make
from references.arrays import immutable, over_bytes
from references.case import Case, Config, Outputs
from references.cells import CELLS
from references.unsupported import Unsupported

Implementation = Callable[[Case], Any]
OVERWRITTEN = "the next call wrote into its {}; return a copy for each call"
ONLY_LAST = "only its last output on the whole case is known: return the output of every step"
T = TypeVar("T")
# The wider dtype that is judged by value, by the case's.
WIDER = {"float32": "float64"}


@dataclass(frozen=True)
class Observation:
    """Well-formed outputs, or the kind of verdict and the sentence that say why there are none."""

    outputs: Outputs | None
    kind: Any = "differs"
    reason: str = ""
    cause: BaseException | None = None
    crash: CrashPlace | None = None  # where the cause was raised
    by_last_outputs: bool = False  # see `last_outputs`
    # Names the first array that has changed since it was returned; gives "" for none.
    overwritten: Callable[[], str] = field(default=str, repr=False, compare=False)


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
    except Unsupported as refusal:
        return Observation(None, "refused", first_line(refusal, "no reason was given"))
    except OtherCase as other:
        return Observation(None, "inconclusive", str(other))
    except LeftBehind as effects:
        return Observation(None, "crashed", str(effects))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason = f"it raised {type(error).__name__}: {first_line(error)}"
        return Observation(None, "crashed", reason, error, crash_place(error))
    if flushes_subnormals():
        reason = (
            "it set the processor to read subnormal numbers as zero, for all that runs after it"
        )
        return Observation(None, "crashed", reason)
    for (name, array), copy in zip(before, after, strict=True):
        if array.tobytes() != copy.tobytes():
            return _malformed(f"it wrote into {name}, which belongs to the caller")
    return observation


def flushes_subnormals() -> bool:
    """Tells whether this thread reads subnormal numbers as zero.

    `torch.set_flush_denormal` does that, or a library built with -ffast-math.
    """
    return bool(np.float64(2.0**-1074) * np.float64(1) == 0)


def _as_outputs(case: Case, returned: Any) -> Outputs | Observation:
    """What was returned, in any of the forms, as Outputs; or a complaint."""
    if isinstance(returned, Observation):
        return returned
    if isinstance(returned, np.ndarray):
        returned = Outputs(returned)
    elif isinstance(returned, tuple) and len(returned) == 2:
        sequence, h_n = returned
        c_n = None
        if "c" in CELLS[case.config.cell].STATES and isinstance(h_n, tuple) and len(h_n) == 2:
            h_n, c_n = h_n  # torch's form
        returned = Outputs(sequence, h_n, c_n=c_n)
    if not isinstance(returned, Outputs):
        what = "None" if returned is None else f"a {type(returned).__name__}"
        what += f" of {len(returned)}" if isinstance(returned, tuple) else ""
        forms = "an array (batch, time, units), a pair (sequence, h_n) or Outputs"
        return _malformed(f"it returned {what}, expected {forms}")
    # Each is read once: it may be a property.
    return Outputs(returned.sequence, returned.h_n, returned.layers, c_n=returned.c_n)


def _whole(case: Case, returned: Any, implementation: Implementation) -> tuple[Any, bool]:
    """What was returned, with the last outputs of all lengths where it is a last one alone."""
    outputs = _as_outputs(case, returned)
    if isinstance(outputs, Observation) or not is_last_output(case, outputs):
        return outputs, False

    def call(cut: Case) -> Any:
        return _as_outputs(cut, implementation(copy_of(cut)))

    copy = outputs.sequence.copy()
    try:
        whole = of_each_length(case, replace(outputs, sequence=copy), call)
    except OtherCase as other:
        raise OtherCase(ONLY_LAST) from other
    if copy.tobytes() != outputs.sequence.tobytes():
        return _malformed(OVERWRITTEN.format("sequence")), True
    return whole, True


def take_outputs(case: Case, returned: Any, exact_dtype: bool) -> Observation:
    """Takes the outputs into arrays of the judge's own, or complains about the first misfit."""
    returned = _as_outputs(case, returned)
    if isinstance(returned, Observation):
        return returned
    config, L = case.config, case.config.num_layers
    sequence, h_n, layers, c_n = returned.sequence, returned.h_n, returned.layers, returned.c_n
    if layers is not None and (type(layers) not in (tuple, list) or len(layers) != L):
        return _malformed(f"Outputs.layers must be a tuple of {L} sequence{'s' if L > 1 else ''}")
    if c_n is not None and "c" not in CELLS[config.cell].STATES:
        return _malformed(f"Outputs.c_n must be None: a cell {config.cell} has no such state")
    shape = (case.batch, case.time, config.output_size)
    expected = [("sequence", sequence, shape)]
    states = {"h_n": h_n, "c_n": c_n}
    expected += [(name, s, case.h_0.shape) for name, s in states.items() if s is not None]
    expected += [(f"layers[{index}]", array, shape) for index, array in enumerate(layers or ())]
    arrays, returned = {}, []
    for name, array, shape in expected:
        complaint = _complaint(name, array, shape, config, exact_dtype)
        if complaint:
            return _malformed(complaint)
        # A copy: the implementation may use its buffer again. It is in the machine's byte order.
        arrays[name] = over_bytes(array.astype(array.dtype.newbyteorder("="), copy=False))
        returned.append((name, array, arrays[name]))
    sequence = arrays.pop("sequence")
    h_n, c_n = (arrays.pop(name, None) for name in states)
    outputs = Outputs(sequence, h_n, tuple(arrays.values()) or None, c_n=c_n)
    return Observation(outputs, overwritten=partial(_overwritten, returned))


def _overwritten(returned: Sequence[tuple[str, np.ndarray, np.ndarray]]) -> str:
    """Compares each array, by name, with the judge's copy."""
    for name, array, copy in returned:
        if array.astype(copy.dtype).tobytes() != copy.tobytes():
            return name
    return ""


def _malformed(reason: str) -> Observation:
    return Observation(None, "differs", reason)


def _complaint(
    name: str, array: Any, shape: tuple[int, ...], config: Config, exact_dtype: bool
) -> str:
    kind, dtype = type(array), config.dtype
    if kind is not np.ndarray:
        return f"its {name} is a {kind.__module__}.{kind.__name__}, expected a numpy.ndarray"
    if array.shape != shape:
        layout = "" if name in ("h_n", "c_n") else looks_like(array.shape, shape, config)
        wrong = f"its {name} has shape {array.shape}, expected {shape}"
        return f"{wrong}; it looks like {layout}" if layout else wrong
    # The name is the same in the other byte order.
    dtypes = (dtype,) if exact_dtype else (dtype, WIDER.get(dtype))
    if array.dtype != dtype and array.dtype.name not in dtypes:
        return f"its {name} has dtype {array.dtype}, expected {dtype}"
    return ""


def arrays_of(case: Case) -> dict[str, np.ndarray]:
    """The arrays of a case by name, such as `case.weights[0].W`, without those that are None."""
    arrays = {f"case.{name}": getattr(case, name) for name in ("inputs", "h_0", "c_0", "mask")}
    for index, cell in enumerate(case.weights):
        arrays |= {f"case.weights[{index}].{name}": w for name, w in cell.arrays().items()}
    return {name: array for name, array in arrays.items() if array is not None}


def copy_of(case: Case) -> Case:
    """Copies a case for an implementation, into arrays that own their memory."""
    weights = tuple(_copy(cell, _read_only) for cell in case.weights)
    return _copy(case, _read_only, config=copy_with(case.config), weights=weights)


def copy_with(original: T, **changes: Any) -> T:
    """Copies an object without the checks that it has passed; `changes` replace attributes.

    Its arrays lie over bytes, so that nobody can write to them.
    """
    return _copy(original, immutable, **changes)


def _copy(original: T, copy_array: Callable[[np.ndarray], np.ndarray], **changes: Any) -> T:
    values = {**vars(original), **changes}
    return make(
        type(original),
        [
            (name, copy_array(value) if isinstance(value, np.ndarray) else value)
            for name, value in values.items()
        ],
    )


def _read_only(array: np.ndarray) -> np.ndarray:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


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
