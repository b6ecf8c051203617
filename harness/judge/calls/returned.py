"""Takes what an implementation returned into arrays of the judge's own, or says what is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from harness.judge.calls.crash import CrashPlace
from harness.judge.calls.layouts import looks_like
from references.arrays import over_bytes
from references.case import Case, Config, Outputs
from references.cells import CELLS
from references.unsupported import fix_of

OVERWRITTEN = "the next call wrote into its {}; return a copy for each call"
LOOKS_LIKE = "it looks like"
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

    @property
    def clause(self) -> str:
        """What it did where it gave no outputs: "it raised ...", "it refused: ..."."""
        return f"it refused: {self.reason}" if self.kind == "refused" else self.reason


def as_outputs(case: Case, returned: Any) -> Outputs | Observation:
    """What was returned, in any of the forms, as Outputs; or what is wrong with it."""
    if isinstance(returned, Observation):
        return returned
    has_c = "c" in CELLS[case.config.cell].STATES
    if isinstance(returned, np.ndarray):
        returned = Outputs(returned)
    elif isinstance(returned, tuple) and len(returned) == 2:
        sequence, h_n = returned
        c_n = None
        if has_c and isinstance(h_n, tuple) and len(h_n) == 2:
            h_n, c_n = h_n  # torch's form
        returned = Outputs(sequence, h_n, c_n=c_n)
    if not isinstance(returned, Outputs):
        what = "None" if returned is None else f"a {type(returned).__name__}"
        what += f" of {len(returned)}" if isinstance(returned, tuple) else ""
        states = "(h_n, c_n)" if has_c else "h_n"
        forms = f"an array (batch, time, units), a pair (sequence, {states}) or Outputs"
        wrong = f"it returned {what}, expected {forms}"
        return malformed(": ".join(filter(None, (wrong, fix_of(returned, "sequence")))))
    # Each is read once: it may be a property.
    return Outputs(returned.sequence, returned.h_n, returned.layers, c_n=returned.c_n)


def take_outputs(case: Case, returned: Any, exact_dtype: bool) -> Observation:
    """Takes the outputs into arrays of the judge's own, or complains about the first misfit."""
    returned = as_outputs(case, returned)
    if isinstance(returned, Observation):
        return returned
    config, L = case.config, case.config.num_layers
    sequence, h_n, layers, c_n = returned.sequence, returned.h_n, returned.layers, returned.c_n
    if layers is not None and (type(layers) not in (tuple, list) or len(layers) != L):
        return malformed(f"Outputs.layers must be a tuple of {L} sequence{'s' if L > 1 else ''}")
    if c_n is not None and "c" not in CELLS[config.cell].STATES:
        return malformed(f"Outputs.c_n must be None: a cell {config.cell} has no such state")
    shape = (case.batch, case.time, config.output_size)
    expected = [("sequence", sequence, shape)]
    states = {"h_n": h_n, "c_n": c_n}
    expected += [(name, s, case.h_0.shape) for name, s in states.items() if s is not None]
    expected += [(f"layers[{index}]", array, shape) for index, array in enumerate(layers or ())]
    arrays, returned = {}, []
    copies: dict[int, np.ndarray] = {}  # by id: a lone layer may be the sequence itself
    for name, array, shape in expected:
        complaint = _complaint(name, array, shape, config, exact_dtype)
        if complaint:
            return malformed(complaint)
        # A copy: the implementation may use its buffer again. It is in the machine's byte order.
        if id(array) not in copies:
            copies[id(array)] = over_bytes(array.astype(array.dtype.newbyteorder("="), copy=False))
            returned.append((name, array, copies[id(array)]))
        arrays[name] = copies[id(array)]
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


def _complaint(
    name: str, array: Any, shape: tuple[int, ...], config: Config, exact_dtype: bool
) -> str:
    kind, dtype = type(array), config.dtype
    if kind is not np.ndarray:
        wrong = f"its {name} is a {kind.__module__}.{kind.__name__}, expected a numpy.ndarray"
        return ": ".join(filter(None, (wrong, fix_of(array, name))))
    if array.shape != shape:
        layout = "" if name in ("h_n", "c_n") else looks_like(array.shape, shape, config)
        wrong = f"its {name} has shape {array.shape}, expected {shape}"
        return f"{wrong}; {LOOKS_LIKE} {layout}" if layout else wrong
    # The name is the same in the other byte order.
    dtypes = (dtype,) if exact_dtype else (dtype, WIDER.get(dtype))
    if array.dtype != dtype and array.dtype.name not in dtypes:
        return f"its {name} has dtype {array.dtype}, expected {dtype}"
    return ""


def malformed(reason: str) -> Observation:
    """What was returned differs from any outputs of the case, for this reason."""
    return Observation(None, "differs", reason)
