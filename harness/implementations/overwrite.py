"""Calls an implementation with arrays that it can write to."""

import numpy as np

from harness.judge.calls.copies import arrays_of, copy_of
from harness.judge.calls.observe import Implementation, without_outputs
from harness.judge.calls.returned import Observation
from references.case import Case


def overwrite(case: Case, run: Implementation) -> Observation:
    """Returns as the reason the first array that it writes into, or nothing.

    Where it refuses or crashes, that is the observation's kind.
    """
    if elsewhere := getattr(run, "overwrite", None):
        return elsewhere(case)  # type: ignore[no-any-return]
    own = copy_of(case)
    arrays, originals = arrays_of(own), arrays_of(copy_of(case))
    for array in arrays.values():
        array.flags.writeable = True
    try:
        with np.errstate(all="ignore"):
            run(own)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return without_outputs(error)
    changes = (name for name, old in originals.items() if arrays[name].tobytes() != old.tobytes())
    return Observation(None, "differs", next(changes, ""))
