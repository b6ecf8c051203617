"""The ordinary test of a recurrent layer: normal numbers, the loop, and a tolerance that is chosen.

As people write it, or widened to the whole Config. `speeds.peer` times it with its frameworks.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from harness import sample_cases
from references.case import Case, CellWeights, Outputs
from references.numpy_rnn import run as loop
from tests.benchmarks.speeds import LIMITS

EXAMPLES = 100  # of a Hypothesis test, unless it says otherwise
TOLERANCES = {  # rtol and atol
    "1e-5, 1e-8": (1e-5, 1e-8),  # the default of np.allclose
    "1e-5, 1e-6": (1e-5, 1e-6),
    "1e-4": (1e-4, 1e-4),
    "1e-3": (1e-3, 1e-3),
    "1e-2": (1e-2, 1e-2),
}


class Example(NamedTuple):
    """A case with the loop's outputs, and the seconds for drawing it and for calling the loop."""

    case: Case
    right: Outputs
    drawing: float
    call: float


def accepts(outputs: Outputs, right: Outputs, tolerance: tuple[float, float], whole: bool) -> bool:
    """Tells whether the ordinary test accepts outputs, and with `whole` also last states."""
    pairs = [(outputs.sequence, right.sequence)]
    if whole:
        states = ((outputs.h_n, right.h_n), (outputs.c_n, right.c_n))
        pairs += [pair for pair in states if pair[0] is not None]
    rtol, atol = tolerance
    try:
        for actual, expected in pairs:
            np.testing.assert_allclose(actual, expected, rtol=rtol, atol=atol)
    except AssertionError:
        return False
    return True


def examples(seed: int, cell: str, whole: bool, count: int = EXAMPLES) -> Iterator[Example]:
    """The cases of the ordinary test, with the loop's outputs."""
    for index, shape in enumerate(sample_cases(count, seed, **_limits(cell, whole))):
        start = time.process_time()
        case = normal(shape, np.random.default_rng((seed, index)))
        middle = time.process_time()
        right = loop(case)
        yield Example(case, right, middle - start, time.process_time() - middle)


def _limits(cell: str, whole: bool) -> dict[str, Any]:
    """One layer from zeros, as people write it; or every Config, mask, initial state and size."""
    if whole:
        return {"cell": cell}
    return {**LIMITS, "cell": cell, "initial_states": False, "recurrent_biases": False}


def normal(case: Case, rng: np.random.Generator) -> Case:
    """The case with normal numbers; what is all zeros stays so, as a bias that there is not."""

    def numbers(array: np.ndarray, scale: float = 1.0) -> np.ndarray:
        drawn = rng.normal(size=array.shape) * scale * bool(array.any())
        return drawn.astype(array.dtype)

    def cell(own: CellWeights) -> CellWeights:
        W, U = (numbers(array, array.shape[1] ** -0.5) for array in (own.W, own.U))
        return CellWeights(W, U, numbers(own.b_W), numbers(own.b_U))

    return replace(
        case,
        weights=tuple(map(cell, case.weights)),
        inputs=rng.normal(size=case.inputs.shape).astype(case.inputs.dtype),
        h_0=numbers(case.h_0),
        c_0=None if case.c_0 is None else numbers(case.c_0),
        origin="",
    )
