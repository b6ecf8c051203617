"""Finds two mistakes that together give an implementation's very numbers, without trying all.

Most pairs are ruled out by a few first steps, each with some of its arrays alone: an array of zeros
takes no part there, nor does a mistake that changes only such arrays. What is left of a pair is its
other mistake, which has been tried alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import count

import numpy as np

from harness.judge.calls.observe import Implementation
from harness.mistakes.causes.evidence import Sample
from harness.mistakes.causes.probes import first_steps, on_probe
from harness.mistakes.mistake import NOTHING, Edits, Mistake, combined, run
from references.as_arrays import arrays_by_name, table_of
from references.case import Case, CellWeights, Outputs

Pair = tuple[Mistake, Mistake]


def fitting_pairs(
    mistakes: Sequence[Mistake],
    probe: Sample,
    implementation: Implementation,
    fits: Callable[[Pair, Edits], bool],
) -> Iterator[Pair]:
    """Yields the pairs that give the numbers of the probe and of its first steps, and that `fits`.

    Of the two the first comes first.
    """
    applicable = [one for one in mistakes if one.applies(probe.case) and probe.has_shape(one.edits)]
    steps = [Sample.of(case, implementation, on_probe) for case in first_steps(probe.case)]
    samples = [step for step in steps if step]
    allowed = np.triu(np.ones((len(applicable), len(applicable)), bool), 1)
    for sample in samples:
        allowed &= allowed_pairs(sample, [mistake.edits for mistake in applicable])
    loops = [(sample, loop_of(sample.case)) for sample in (*samples, probe)]
    for pair in ((applicable[i], applicable[j]) for i, j in np.argwhere(allowed)):
        for order in _orders(*pair):
            edits = combined(order[0].edits, order[1].edits)
            if edits and _equal(loops, edits) and fits(order, edits):
                yield order
                break


def allowed_pairs(step: Sample, edits: Sequence[Edits]) -> np.ndarray:
    """Tells of each two whether both can give the numbers of a first step, by what each gives.

    One that is idle there leaves what the other gives alone, if that makes nothing of the zeros.
    """
    case = patterned(step.case)
    idle, tidy = np.array([idle_and_tidy(case, one) for one in edits], bool).reshape(-1, 2).T
    fitting = np.array([step.equals(one) for one in edits], bool)
    allowed = ~(idle[:, np.newaxis] & tidy) | fitting
    return np.asarray(allowed & allowed.T)


def patterned(case: Case) -> Case:
    """The case with other numbers, no two of them alike, in arrays that are not zeros.

    What leaves it as it is does nothing to these arrays, whatever they hold.
    """
    numbers = count(1)

    def pattern(array: np.ndarray) -> np.ndarray:
        if not array.any():
            return array
        return np.fromiter(numbers, array.dtype, array.size).reshape(array.shape)

    weights = tuple(CellWeights(*map(pattern, cell.arrays().values())) for cell in case.weights)
    c_0 = None if case.c_0 is None else pattern(case.c_0)
    h_0, inputs = pattern(case.h_0), pattern(case.inputs)
    return replace(case, weights=weights, inputs=inputs, h_0=h_0, c_0=c_0)


def idle_and_tidy(case: Case, edits: Edits) -> tuple[bool, bool]:
    """Tells whether edits leave all as it is, and whether they leave zeros and shapes alone."""
    prepared = edits.prepare(case)
    arrays, others = arrays_by_name(case), arrays_by_name(prepared)
    if {name: array.shape for name, array in arrays.items()} != {
        name: array.shape for name, array in others.items()
    }:
        return False, False
    is_same = table_of(prepared) | {"origin": ""} == table_of(case) | {"origin": ""}
    same = {name for name, array in arrays.items() if np.array_equal(array, others[name])}
    is_idle = is_same and len(same) == len(arrays) and edits._replace(case=()) == NOTHING
    return is_idle, all(name in same or array.any() for name, array in arrays.items())


def _equal(loops: Iterable[tuple[Sample, Callable[[Edits], Outputs]]], edits: Edits) -> bool:
    return all(sample.equals(edits, loop) for sample, loop in loops)


def loop_of(case: Case) -> Callable[[Edits], Outputs]:
    """The loop on this case, which does once what several pairs have in common.

    Half of the pairs change the finished outputs of another one's loop.
    """

    @cache
    def first(change: Callable[[Case], Case]) -> Case:
        return change(case)

    @cache
    def loop(edits: Edits) -> Outputs:
        one, *others = edits.case or (lambda same: same,)
        prepared = NOTHING._replace(case=tuple(others)).prepare(first(one))
        return run(prepared, edits._replace(case=()))

    return loop


def _orders(one: Mistake, other: Mistake) -> list[Pair]:
    """The orders of two mistakes in which they may differ."""
    both = any(map(all, zip(one.edits[:2], other.edits[:2], strict=True)))
    return [(one, other), (other, one)] if both else [(one, other)]
