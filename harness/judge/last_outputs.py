"""Makes a sequence of last outputs, for a function that returns no others, as Keras' default."""

from collections.abc import Callable
from typing import Any

import numpy as np

from references.case import Case, Outputs
from references.unsupported import Unsupported

LONGEST = 1024  # steps, and so many calls: the whole takes their square
BY_LAST_OUTPUTS = "judged by its last outputs: each case cut to its T lengths"


def is_last_output(case: Case, outputs: Outputs) -> bool:
    """Tells whether the sequence is a last output alone, (B, H*D) where (B, T, H*D) is due."""
    array = outputs.sequence
    return type(array) is np.ndarray and array.shape == (case.batch, case.config.output_size)


def of_each_length(case: Case, last: Outputs, call: Callable[[Case], Any]) -> Outputs:
    """Calls the function on the case cut to each of its lengths, and stacks its last outputs.

    Its states are those of the whole case; with a mask none, since the last valid step is another
    call's. Raises Unsupported for what last outputs do not show, ValueError for other outputs.
    """
    if case.config.bidirectional:
        raise Unsupported("it gives its last output alone, which does not show both directions")
    if case.time > LONGEST:
        steps = f"{case.time:,} steps are more than {LONGEST:,} calls"
        raise Unsupported(f"it gives its last output alone, and {steps}: cut the case")
    sequence = []
    for count in range(1, case.time):
        outputs = call(case.first_steps(count))
        if not isinstance(outputs, Outputs) or not is_last_output(case, outputs):
            lengths = f"on {case.time} steps it gives its last output alone, on {count}"
            raise ValueError(f"{lengths} something else")
        sequence.append(np.array(outputs.sequence))
    if len({array.dtype for array in sequence} | {last.sequence.dtype}) > 1:
        raise ValueError("its last outputs have other dtypes for other lengths")
    whole = np.stack([*sequence, last.sequence], axis=1)
    return Outputs(whole, last.h_n, c_n=last.c_n) if case.mask is None else Outputs(whole)
