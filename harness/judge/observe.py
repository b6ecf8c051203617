"""Runs an implementation on a case and takes down what it gave, whatever that is."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from references.case import Case, CellWeights, Outputs
from references.unsupported import Unsupported

Implementation = Callable[[Case], Any]


@dataclass(frozen=True)
class Observation:
    """Well-formed outputs, or the kind of verdict and the sentence that say why there are none."""

    outputs: Outputs | None
    kind: Any = "differs"
    reason: str = ""
    cause: BaseException | None = None


def observe(case: Case, implementation: Implementation) -> Observation:
    """One run on a copy of the case. Nothing that the implementation does to its arrays can reach the judge."""
    given = _copy(case)
    try:
        returned = implementation(given)
    except Unsupported as refusal:
        return Observation(None, "refused", str(refusal) or "no reason was given")
    except (Exception, SystemExit) as error:
        return Observation(None, "crashed", f"it raised {type(error).__name__}: {_first_line(error)}", error)
    written = _written(case, given)
    if written:
        return Observation(None, "differs", f"it wrote into {written}, which belongs to the caller")
    return _outputs(case, returned)


def _outputs(case: Case, returned: Any) -> Observation:
    if isinstance(returned, np.ndarray):
        returned = Outputs(returned)
    elif isinstance(returned, tuple) and len(returned) == 2:
        returned = Outputs(*returned)
    if not isinstance(returned, Outputs):
        what = "None" if returned is None else f"a {type(returned).__name__}"
        return Observation(
            None, reason=f"it returned {what}, expected an array (batch, time, units), a pair (sequence, final_state) or Outputs"
        )
    config = case.config
    sequence_shape = (case.batch, case.time, config.output_size)
    wanted = [("sequence", returned.sequence, sequence_shape)]
    if returned.final_state is not None:
        wanted.append(("final_state", returned.final_state, case.initial_state.shape))
    if returned.layers is not None:
        if not isinstance(returned.layers, tuple | list) or len(returned.layers) != config.num_layers:
            return Observation(None, reason=f"its layers is no tuple of {config.num_layers} sequences, one for each layer")
        wanted += [(f"layers[{index}]", array, sequence_shape) for index, array in enumerate(returned.layers)]
    arrays = []
    for name, array, shape in wanted:
        complaint = _complaint(name, array, shape, config.dtype)
        if complaint:
            return Observation(None, reason=complaint)
        arrays.append(np.array(array, dtype=config.dtype, order="C"))  # a copy: the implementation may use its buffer again
    final = arrays.pop(1) if returned.final_state is not None else None
    return Observation(Outputs(arrays[0], final, tuple(arrays[1:]) or None))


def _complaint(name: str, array: Any, shape: tuple[int, ...], dtype: str) -> str:
    if type(array) is not np.ndarray:
        return f"its {name} is a {type(array).__module__}.{type(array).__name__}, expected a numpy.ndarray"
    if array.shape != shape:
        return f"its {name} has shape {array.shape}, expected {shape}"
    if array.dtype.name != dtype:
        return f"its {name} has dtype {array.dtype}, expected {dtype}"
    return ""


def _copy(case: Case) -> Case:
    """The case in arrays of its own, made without the checks that it has passed already."""

    def copied(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            value = value.copy()
            value.flags.writeable = False
        elif isinstance(value, tuple):
            value = tuple(copied(item) for item in value)
        elif isinstance(value, CellWeights | Case):
            blank = object.__new__(type(value))
            for field in fields(value):
                object.__setattr__(blank, field.name, copied(getattr(value, field.name)))
            return blank
        return value

    return copied(case)  # type: ignore[no-any-return]


def _written(case: Case, given: Case) -> str:
    """The name of an array that is no longer what it was, or nothing."""
    pairs = [("case.inputs", case.inputs, given.inputs), ("case.initial_state", case.initial_state, given.initial_state)]
    if case.mask is not None:
        pairs.append(("case.mask", case.mask, given.mask))  # type: ignore[arg-type]
    for index, (before, after) in enumerate(zip(case.weights, given.weights, strict=True)):
        pairs += [(f"case.weights[{index}].{name}", getattr(before, name), getattr(after, name)) for name in ("W", "U", "b_W", "b_U")]
    return next((name for name, before, after in pairs if not np.array_equal(before, after)), "")


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:300] if text else "no message"
