"""Outputs that came out of one case, as an implementation that computes this case alone.

A framework's arrays are recognised by the names of their classes: nothing is imported for that.
"""

from collections.abc import Sequence
from functools import wraps
from typing import Any

import numpy as np

from harness.judge.calls.observe import Implementation, OtherCase, first_line
from harness.judge.calls.seal import sealed
from references.case import Case, Outputs
from references.cells import CELLS

FORMS = (
    "an array (batch, time, units), Outputs, torch's (sequence, h_n) or (sequence, (h_n, c_n)), "
    "or Keras' sequence and states"
)
ONE_CASE = "only its outputs on the whole case are known"


def is_recorded(item: Any) -> bool:
    """Tells whether this is what came out of a call, in one of FORMS, and no function."""
    return not callable(item) and (isinstance(item, Outputs | tuple | list) or _is_array(item))


def recorded(case: Case, item: Any) -> Implementation:
    """Makes an implementation of what came out of this case; of others it knows nothing.

    Raises TypeError, in a sentence, for what is in none of FORMS.
    """
    outputs = _outputs(case, item)
    return called_once(case, lambda _: outputs)


def called_once(case: Case, implementation: Implementation) -> Implementation:
    """Wraps an implementation: it is called on this case alone, and once, unless it raises."""
    seal = sealed(case)
    results: list[Any] = []

    @wraps(implementation, updated=())
    def run(own: Case) -> Any:
        if sealed(own) != seal:
            raise OtherCase(ONE_CASE)
        if not results:
            results.append(implementation(own))
        return results[0]

    for name in ("exact_dtype", "notebook_form"):
        if hasattr(implementation, name):
            setattr(run, name, getattr(implementation, name))
    return run


def _outputs(case: Case, item: Any) -> Any:
    """The arrays as NumPy's, in a form that an implementation may return."""
    if isinstance(item, Outputs):
        h_n, c_n = (None if state is None else _array(state) for state in (item.h_n, item.c_n))
        layers: Any = item.layers
        if isinstance(layers, tuple | list):  # of anything else the judge complains
            layers = tuple(map(_array, layers))
        return Outputs(_array(item.sequence), h_n, layers, c_n=c_n)
    if not isinstance(item, tuple | list):
        return _array(item)
    if type(item).__name__ == "PackedSequence":
        unpack = "unpack it with torch.nn.utils.rnn.pad_packed_sequence(..., batch_first=True)"
        raise TypeError(f"what came out is a PackedSequence; {unpack}")
    sequence, *states = item or [None]
    if len(states) == 1 and isinstance(states[0], tuple | list):
        (states,) = states  # torch's form of an lstm
    named = _states(case, [_array(state) for state in states])
    return Outputs(_array(sequence), named.get("h_n"), c_n=named.get("c_n"))


def _states(case: Case, arrays: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """h_n and c_n by name, from torch's arrays (L*D, B, H) or from Keras', each (B, H)."""
    names = [f"{state}_n" for state in CELLS[case.config.cell].STATES]
    cells, count = len(case.weights), len(names)
    shapes = [array.shape for array in arrays]
    dimensions = {len(shape) for shape in shapes}
    if not arrays or (dimensions == {3} and len(arrays) <= count):
        return dict(zip(names, arrays, strict=False))
    if dimensions == {2} and len(set(shapes)) == 1 and len(arrays) == cells * count:
        return {name: np.stack(arrays[at::count]) for at, name in enumerate(names)}
    actual = ", ".join(map(str, shapes))
    expected = f"{' and '.join(names)} (layers * directions, batch, units)"
    keras = f"or {cells * count} states (batch, units) as Keras has them"
    raise TypeError(f"its states have the shapes {actual}, expected {expected}, {keras}")


def _is_array(item: Any) -> bool:
    return isinstance(item, np.ndarray) or hasattr(item, "__array__")


def _array(item: Any) -> np.ndarray:
    """A framework's array as NumPy's; NumPy's own stays as it is, for the judge to look at."""
    if isinstance(item, np.ndarray):
        return np.asarray(item) if isinstance(item, np.memmap) else item
    if not _is_array(item):
        raise TypeError(f"what came out holds {type(item).__name__}, expected {FORMS}")
    return as_array(item)


def as_array(item: Any) -> np.ndarray:
    """A framework's array, a list or a number as NumPy's. Raises TypeError where it is none."""
    names = {(cls.__module__.partition(".")[0], cls.__name__) for cls in type(item).__mro__}
    try:
        # A tensor that requires its gradient does not become an array of itself.
        return item.detach().cpu().numpy() if ("torch", "Tensor") in names else np.asarray(item)
    except Exception as error:  # a symbolic tensor, or a dtype that NumPy does not have
        what = f"a {type(item).__module__}.{type(item).__name__}"
        raise TypeError(f"{what} cannot be read as an array: {first_line(error)}") from error
