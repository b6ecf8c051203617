"""Calls an implementation twice on one case."""

import numpy as np

from harness.judge.calls.observe import Implementation, observe
from harness.judge.calls.returned import Observation
from references.as_arrays import output_arrays
from references.case import Case


def difference_of_calls(case: Case, run: Implementation) -> str:
    """Describes how two calls on one case differ in any bit; returns nothing if they do not."""
    first, second = observe(case, run), observe(case, run)
    if first.outputs is None or second.outputs is None:
        same = (first.kind, first.reason) == (second.kind, second.reason)
        return "" if same else f"the first call {_ending(first)}, the second {_ending(second)}"
    arrays, others = map(output_arrays, (first.outputs, second.outputs))
    if missing := sorted(arrays.keys() ^ others.keys()):
        return f"one of two calls gives no {missing[0]}"
    for name, one in arrays.items():
        other = others[name]
        if one.tobytes() != other.tobytes():
            bits = np.uint32 if one.itemsize == 4 else np.uint64
            changes = np.argwhere(one.view(bits) != other.view(bits))
            where = tuple(map(int, changes[0]))
            count = f"{len(changes)} of {one.size} numbers of {name} differ"
            return f"{count}, first {name}{list(where)}: {one[where]!r}, then {other[where]!r}"
    return ""


def _ending(observation: Observation) -> str:
    return "gave outputs" if observation.outputs is not None else f"did not: {observation.reason}"
