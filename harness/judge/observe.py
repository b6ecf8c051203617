"""Runs an implementation on a case and takes down what it gave, whatever that is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from references.case import Case, Outputs
from references.unsupported import Unsupported

Implementation = Callable[[Case], Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Observation:
    """Well-formed outputs, or the kind of verdict and the sentence that say why there are none."""

    outputs: Outputs | None
    kind: Any = "differs"
    reason: str = ""
    cause: BaseException | None = None


class LeftBehind(Exception):
    """What an implementation did to all that runs after it, as a sentence about "it". Raised by those who watch it."""


def observe(case: Case, implementation: Implementation) -> Observation:
    """One run on a copy of the case. Nothing that the implementation does to its arrays can reach the judge."""
    given = copy_of(case)
    pairs = _pairs(case, given)  # taken down now: afterwards `given` may hold anything
    try:
        with np.errstate(
            all="ignore"
        ):  # an overflow shows in the outputs, where the judge looks; what it sets ends with it
            returned = implementation(given)
            observation = _outputs(case, returned)
    except Unsupported as refusal:
        return Observation(None, "refused", first_line(refusal, "no reason was given"))
    except LeftBehind as found:
        return Observation(None, "crashed", str(found))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return Observation(
            None, "crashed", f"it raised {type(error).__name__}: {first_line(error)}", error
        )
    if flushes_subnormals():
        return Observation(
            None,
            "crashed",
            "it set the processor to read subnormal numbers as zero, for all that runs after it",
        )
    written = next((name for name, old, new in pairs if old.tobytes() != new.tobytes()), "")
    if written:
        return Observation(None, "differs", f"it wrote into {written}, which belongs to the caller")
    return observation


def flushes_subnormals() -> bool:
    """Whether this thread reads subnormal numbers as zero, by torch.set_flush_denormal, say, or a library built with -ffast-math."""
    return bool(np.float64(2.0**-1074) * np.float64(1) == 0)


def _outputs(case: Case, returned: Any) -> Observation:
    if isinstance(returned, np.ndarray):
        returned = Outputs(returned)
    elif isinstance(returned, tuple) and len(returned) == 2:
        returned = Outputs(*returned)
    if not isinstance(returned, Outputs):
        what = "None" if returned is None else f"a {type(returned).__name__}"
        what += f" of {len(returned)}" if isinstance(returned, tuple) else ""
        return Observation(
            None,
            reason=f"it returned {what}, expected an array (batch, time, units), a pair (sequence, h_n) or Outputs",
        )
    config = case.config
    sequence_shape = (case.batch, case.time, config.output_size)
    sequence, h_n, layers = (
        returned.sequence,
        returned.h_n,
        returned.layers,
    )  # read once: they may be properties
    wanted = [("sequence", sequence, sequence_shape)]
    if h_n is not None:
        wanted.append(("h_n", h_n, case.h_0.shape))
    if layers is not None:
        if type(layers) not in (tuple, list) or len(layers) != config.num_layers:
            return Observation(
                None,
                reason=f"its layers is no tuple of {config.num_layers} sequences, one for each layer",
            )
        wanted += [
            (f"layers[{index}]", array, sequence_shape) for index, array in enumerate(layers)
        ]
    arrays = []
    for name, array, shape in wanted:
        complaint = _complaint(name, array, shape, config.dtype)
        if complaint:
            return Observation(None, reason=complaint)
        arrays.append(
            np.array(array, dtype=config.dtype, order="C")
        )  # a copy: the implementation may use its buffer again
    final = arrays.pop(1) if h_n is not None else None
    return Observation(Outputs(arrays[0], final, tuple(arrays[1:]) or None))


def _complaint(name: str, array: Any, shape: tuple[int, ...], dtype: str) -> str:
    if type(array) is not np.ndarray:
        return f"its {name} is a {type(array).__module__}.{type(array).__name__}, expected a numpy.ndarray"
    if array.shape != shape:
        return f"its {name} has shape {array.shape}, expected {shape}"
    if (
        array.dtype != dtype and array.dtype.name != dtype
    ):  # the name is the same in the other byte order
        return f"its {name} has dtype {array.dtype}, expected {dtype}"
    return ""


def copy_of(case: Case) -> Case:
    """The case in arrays of its own, made without the checks that it has passed already."""
    return copy_with(
        case, config=copy_with(case.config), weights=tuple(copy_with(cell) for cell in case.weights)
    )


def copy_with(original: T, **changed: Any) -> T:
    """The same object with copies of its arrays, but for what is changed; arrays are read-only."""
    blank = object.__new__(type(original))
    values = blank.__dict__
    for name, value in vars(original).items():
        if name in changed:
            value = changed[name]
        elif isinstance(value, np.ndarray):
            value = value.copy()
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
        values[name] = value
    return blank


def _pairs(case: Case, given: Case) -> list[tuple[str, Any, Any]]:
    """The arrays of both, by name."""
    pairs = [
        (f"case.{name}", getattr(case, name), getattr(given, name))
        for name in ("inputs", "h_0", "mask")
    ]
    for index, (one, other) in enumerate(zip(case.weights, given.weights, strict=True)):
        pairs += [
            (f"case.weights[{index}].{name}", getattr(one, name), getattr(other, name))
            for name in ("W", "U", "b_W", "b_U")
        ]
    return [pair for pair in pairs if pair[1] is not None]


def first_line(error: BaseException, otherwise: str = "no message") -> str:
    """The first line of an exception's text, which may itself raise."""
    text = text_of(error)
    return text.splitlines()[0][:300] if text else otherwise


def text_of(error: BaseException) -> str:
    """An exception's text; none where making it raises."""
    try:
        return str(error).strip()
    except Exception:
        return ""
