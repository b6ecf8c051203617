"""What is found out by calling an implementation in ways of our own: twice on one case, and with arrays that it can write to."""

import numpy as np

from harness.judge.observe import Implementation, Observation, arrays_of, copy_of, observe
from references.case import Case


def written(case: Case, run: Implementation) -> str:
    """What the implementation wrote into, given arrays that it can write to; else nothing."""
    given, before = copy_of(case), copy_of(case)
    arrays, originals = arrays_of(given), arrays_of(before)
    for array in arrays.values():
        array.flags.writeable = True
    with np.errstate(all="ignore"):
        run(given)
    changes = (name for name, old in originals.items() if arrays[name].tobytes() != old.tobytes())
    return next(changes, "")


def repeated(case: Case, run: Implementation) -> str:
    """How two calls on one case differ, in any bit; else nothing."""
    first, second = observe(case, run), observe(case, run)
    if first.outputs is None or second.outputs is None:
        same = (first.kind, first.reason) == (second.kind, second.reason)
        return "" if same else f"the first call {_ended(first)}, the second {_ended(second)}"
    for name in ("sequence", "h_n"):
        one, other = getattr(first.outputs, name), getattr(second.outputs, name)
        if (one is None) != (other is None):
            return f"one of two calls gives no {name}"
        if one is not None and one.tobytes() != other.tobytes():
            bits = np.uint32 if one.itemsize == 4 else np.uint64
            changed = np.argwhere(one.view(bits) != other.view(bits))
            where = tuple(map(int, changed[0]))
            return f"{len(changed)} of {one.size} numbers of {name} differ, first {name}{list(where)}: {one[where]!r}, then {other[where]!r}"
    return ""


def _ended(observation: Observation) -> str:
    return "gave outputs" if observation.outputs is not None else f"did not: {observation.reason}"
