"""Chapter 4: the bound of one output, part by part."""

from typing import Any, NamedTuple

import numpy as np

from harness.judge.activation import K
from harness.judge.enclosure import point
from harness.judge.precision import PRECISIONS, gamma
from harness.lesson.experiments import Experiment
from references.cells.rnn import notebook_step


class Bound(NamedTuple):
    """One output of one step, and the parts of its bound."""

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
    actual: float  # the loop's own


def bound(experiment: Experiment, time: int, unit: int) -> Bound:
    """The bound of the loop's own output at this step and unit."""
    (cell,) = experiment.case.weights
    precision = PRECISIONS[experiment.case.config.dtype]
    numbers = {
        **cell.arrays(),
        "x": experiment.case.inputs[0, time],
        "h": experiment.loop[time - 1],
    }
    pending = _sum(*map(point, numbers.values()))
    centre, radius, _ = pending.decide()
    allowed = pending.activate("tanh").enclosure
    sizes = _sum(*(np.abs(array, dtype=np.float64) for array in numbers.values()))
    closest = max(abs(centre[unit]) - radius[unit], 0)  # to 0, where tanh is steepest
    return Bound(
        precision.dtype,
        time,
        unit,
        precision.unit,
        pending.terms,
        gamma(pending.terms, precision.unit),
        float(sizes[unit]),
        float(centre[unit]),
        float(1 / np.cosh(closest) ** 2),
        K["tanh"],
        float(allowed.radius[unit]),
        float(allowed.centre[unit]),
        float(experiment.loop[time, unit]),
    )


def _sum(W: Any, U: Any, b_W: Any, b_U: Any, x: Any, h: Any) -> Any:
    """W x + U h + b, before the activation."""
    return notebook_step(W, U, b_W + b_U, x, h, lambda z: z)
