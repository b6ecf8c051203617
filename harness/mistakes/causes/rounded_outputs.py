"""Tells whether outputs are right but for a rounding at the end, to decimals say."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np

from harness.judge.bounds.precision import PRECISIONS
from harness.mistakes.causes.evidence import Sample
from harness.mistakes.families.numerics import round_to
from harness.printable import how_many

ROUNDED = (
    "The outputs are right but for a rounding to {}; the states between are not rounded. "
    "Return or save them as they are."
)
DECIMALS = {"float32": 5, "float64": 11}  # at most: more are near the room of other sums

Change = Callable[[np.ndarray], np.ndarray]


def rounded_outputs(samples: Iterable[Sample]) -> str:
    """Says to what the outputs are rounded, the coarsest that fits; empty where none does."""
    wrong = [sample for sample in samples if sample.is_wrong]
    if not wrong:
        return ""
    for words, change in _roundings(wrong[0].case.config.dtype):
        if all(_is_rounded(sample, change) for sample in wrong):
            return ROUNDED.format(words)
    return ""


def _roundings(dtype: str) -> Iterator[tuple[str, Change]]:
    """Roundings by their names, which keep the dtype."""
    yield "whole numbers", _to_decimals(0)
    for count in range(1, DECIMALS[dtype] + 1):
        yield how_many(count, "decimal"), _to_decimals(count)
    yield "bfloat16", partial(round_to, 8)
    yield "float16", lambda array: array.astype(np.float16).astype(dtype)
    if dtype == "float64":
        yield "float32", lambda array: array.astype(np.float32).astype(dtype)


def _to_decimals(count: int) -> Change:
    return lambda array: np.round(array, count)


@np.errstate(all="ignore")  # a large number is infinite in float16
def _is_rounded(sample: Sample, change: Change) -> bool:
    """Each output is what right numbers round to, which may differ in the order of sums."""
    actual, right = sample.outputs.sequence, sample.right.sequence
    differs = actual != right
    moves = change(right)[differs] != right[differs]  # else it rounds none of these numbers
    if not np.array_equal(change(actual), actual) or not moves.size or not moves.all():
        return False
    room = np.abs(right) * PRECISIONS[sample.case.config.dtype].unit ** 0.75
    low, high = change(right - room), change(right + room)
    return bool(((low <= actual) & (actual <= high)).all())
