"""Chapter 4: the bound of one output, part by part."""

from typing import NamedTuple

import numpy as np

from harness.judge.activation import K
from harness.judge.enclosure import point
from harness.judge.precision import PRECISIONS, gamma
from harness.lesson.sequences import Together
from references.cells.rnn import notebook_step


class Bound(NamedTuple):
    """One output of one step, and what its bound is made of."""

    dtype: str
    time: int
    unit: int
    unit_roundoff: float
    terms: int  # n
    gamma: float
    magnitude: float  # S, the sum of the terms' absolute values
    sum: float
    slope: float  # the greatest one that tanh has within reach of the sum
    K: int
    allowed: float
    expected: float
    actual: float  # what the loop gave


def bound(shown: Together, time: int, unit: int) -> Bound:
    """The bound of the loop's own output at this step and unit."""
    (cell,) = shown.case.weights
    precision = PRECISIONS[shown.case.config.dtype]
    x, h = shown.case.inputs[0, time], shown.loop[time - 1]
    pending = notebook_step(
        point(cell.W),
        point(cell.U),
        point(cell.b_W) + point(cell.b_U),
        point(x),
        point(h),
        lambda z: z,
    )
    centre, radius, _ = pending.decide()
    W, U, b_W, b_U, x_t, h_t = (
        np.abs(array, dtype=np.float64) for array in (cell.W, cell.U, cell.b_W, cell.b_U, x, h)
    )
    sizes = np.dot(W, x_t) + np.dot(U, h_t) + b_W + b_U
    allowed = pending.activate("tanh")
    return Bound(
        precision.dtype,
        time,
        unit,
        precision.unit,
        pending.terms,
        gamma(pending.terms, precision.unit),
        float(sizes[unit]),
        float(centre[unit]),
        float(1 / np.cosh(max(abs(centre[unit]) - radius[unit], 0)) ** 2),
        K["tanh"],
        float(allowed.radius[unit]),
        float(allowed.centre[unit]),
        float(np.float64(shown.loop[time, unit])),
    )
