"""Plants mistakes on the first steps of a case, and judges all of them at once.

No step depends on a later one: what differs there differs on the whole case.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harness.judge.certificate import certify
from harness.judge.compare import outside
from harness.mistakes.mistake import Mistake
from references.case import Case
from references.numpy_rnn import run as loop

STEPS = 2  # the second reads what the first one left, through U


def caught_early(case: Case, mistakes: Sequence[Mistake]) -> frozenset[str]:
    """The names of those whose first outputs lie outside of their bounds: the case catches them.

    Of the others it says nothing, nor of a case with two directions. Each mistake has to change
    nothing but the numbers of the case.
    """
    if not mistakes or case.config.bidirectional:
        return frozenset()
    wrong = [loop(one.edits.prepare(case).first_steps(STEPS)).layers or () for one in mistakes]
    layers = [np.concatenate(sequences) for sequences in zip(*wrong, strict=True)]
    caught = np.zeros(len(mistakes), bool)
    for certificate in certify(_repeated(case.first_steps(STEPS), len(mistakes)), layers):
        caught |= outside(certificate).reshape(len(mistakes), -1).any(axis=1)
    return frozenset(one.name for one, is_caught in zip(mistakes, caught, strict=True) if is_caught)


def _repeated(case: Case, times: int) -> Case:
    """The case with all its rows, so many times."""

    def rows(array: np.ndarray, axis: int) -> np.ndarray:
        return np.concatenate([array] * times, axis=axis)

    return replace(
        case,
        inputs=rows(case.inputs, 0),
        h_0=rows(case.h_0, 1),
        c_0=None if case.c_0 is None else rows(case.c_0, 1),
        mask=None if case.mask is None else rows(case.mask, 0),
    )
