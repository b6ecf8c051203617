"""Calls an implementation with arrays that it can write to."""

import numpy as np

from harness.judge.copies import arrays_of, copy_of
from harness.judge.crash import crash_place
from harness.judge.observe import Implementation, first_line
from harness.judge.returned import Observation
from references.case import Case
from references.unsupported import Unsupported


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
    except Unsupported as refusal:
        return Observation(None, "refused", first_line(refusal, "no reason was given"))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason = f"it raised {type(error).__name__}: {first_line(error)}"
        return Observation(None, "crashed", reason, error, crash_place(error))
    changes = (name for name, old in originals.items() if arrays[name].tobytes() != old.tobytes())
    return Observation(None, "differs", next(changes, ""))
