"""Makes a sequence of last outputs, for a function that returns no others, as Keras' default."""

from collections.abc import Callable
from typing import Any

import numpy as np

from harness.judge.lengths import LONGEST, lengths_of
from references.case import Case, Outputs
from references.cells.walk import halves
from references.unsupported import Unsupported

BY_LAST_OUTPUTS = "judged by its last outputs: each case cut to its T lengths"
BY_SAMPLE = "judged by its last outputs: the case cut to"
ALONE = "it gives its last output alone"


def is_last_output(case: Case, outputs: Outputs) -> bool:
    """Tells whether the sequence is a last output alone, (B, H*D) where (B, T, H*D) is due."""
    array = outputs.sequence
    return type(array) is np.ndarray and array.shape == (case.batch, case.config.output_size)


def of_each_length(case: Case, last: Outputs, call: Callable[[Case], Any]) -> Outputs:
    """Calls the function on the case cut to its lengths, and puts its last outputs together.

    In two directions a last output is Keras': each half after its own last step. So the backward
    half of a step is that of the case from this step on. Where `lengths_of` the case are a sample,
    the outputs of other lengths are NaN.

    Its states are those of the whole case; with a mask none, since the last valid step is another
    call's. Raises Unsupported for what last outputs do not show, ValueError for other outputs.
    """
    _check(case)
    whole = np.full((case.batch, case.time, case.config.output_size), np.nan, last.sequence.dtype)
    D = case.config.num_directions
    for direction, half in enumerate(halves(whole, D)):
        cut = case.last_steps if direction else case.first_steps
        for count in lengths_of(case).all:
            outputs = last if count == case.time else _last_output(case, cut(count), call)
            if outputs.sequence.dtype != whole.dtype:
                raise ValueError("its last outputs have other dtypes for other lengths")
            share = np.split(outputs.sequence, D, axis=1)[direction]
            half[:, count - 1] = share
    return Outputs(whole, last.h_n, c_n=last.c_n) if case.mask is None else Outputs(whole)


def _check(case: Case) -> None:
    """Raises Unsupported for a case of which last outputs do not show the states."""
    if case.config.bidirectional and case.config.num_layers > 1:
        upper = "an upper layer of two directions reads other outputs in each cut case"
        raise Unsupported(f"{ALONE}: {upper}")
    if case.time > LONGEST:
        steps = f"{case.time:,} steps are more than {LONGEST:,}"
        raise Unsupported(f"{ALONE}, and {steps}: cut the case")


def _last_output(case: Case, cut: Case, call: Callable[[Case], Any]) -> Outputs:
    """The outputs on a cut case, which are to be a last one alone."""
    outputs = call(cut)
    if not isinstance(outputs, Outputs) or not is_last_output(case, outputs):
        lengths = f"on {case.time} steps {ALONE}, on {cut.time}"
        raise ValueError(f"{lengths} something else")
    return outputs
