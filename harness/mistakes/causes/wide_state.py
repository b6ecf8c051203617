"""Tells whether a state is float64 between the steps, and float32 only where it is returned."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from harness.mistakes.causes.evidence import Sample
from references.case import CellWeights
from references.numpy_rnn import run as loop

ROUNDED_AT_END = (
    "It keeps its state in float64 and rounds only what it returns, so that no output is the state "
    "of the next step. Return float64, or round the state at each step."
)


def wide_state(samples: Iterable[Sample]) -> str:
    """Says that the state is wider than what is returned; empty where that is not the cause."""
    wrong = [sample for sample in samples if sample.is_wrong]
    return ROUNDED_AT_END if wrong and all(map(_rounds_at_end, wrong)) else ""


def _rounds_at_end(sample: Sample) -> bool:
    """The loop gives these outputs if its state is float64, and rounded at the end alone."""
    case = sample.case
    if case.config.dtype != "float32":
        return False
    weights = tuple(CellWeights(**_in_float64(cell.arrays())) for cell in case.weights)
    arrays = {name: getattr(case, name) for name in ("inputs", "h_0", "c_0")}
    config = replace(case.config, dtype="float64")
    wide = loop(replace(case, config=config, weights=weights, **_in_float64(arrays)))
    with np.errstate(over="ignore"):
        late = wide.sequence.astype(np.float32)
    right, actual = sample.right.sequence, sample.outputs.sequence  # wrong states alone are others
    return np.array_equal(late, actual) and not np.array_equal(right, actual)


def _in_float64(arrays: Mapping[str, np.ndarray | None]) -> dict[str, Any]:
    return {name: array if array is None else array.astype(float) for name, array in arrays.items()}
