"""Chapter 4: the bound of one output, part by part."""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

import numpy as np

from harness.judge.bounds.activation import FUNCTIONS
from harness.judge.bounds.enclosure import point
from harness.judge.bounds.precision import PRECISIONS, U64, gamma
from harness.lesson.experiments import Experiment
from references.cells.rnn import notebook_step

DIGITS = 50  # decimal, of the value with which the loop's own is compared


class Bound(NamedTuple):
    """One output of one step, and the parts of its bound."""

    dtype: str
    time: int
    unit: int
    unit_roundoff: float
    terms: int  # n
    gamma: float
    own_gamma: float  # of the program's own sum, in float64
    magnitude: float  # S, the sum of the terms' absolute values
    sum: float
    slope: float  # the greatest one that tanh has within reach of the sum
    K: int
    allowed: float
    expected: float
    difference: float  # between the loop's own output and the true one

    @property
    def digits(self) -> int:
        """The number of decimal digits in which the true output is computed."""
        return DIGITS

    @property
    def from_sum(self) -> float:
        """What the rounding of the sum adds to the bound."""
        return self.slope * (self.gamma + self.own_gamma) * self.magnitude

    @property
    def from_tanh(self) -> float:
        """What the rounding of tanh adds, and NumPy's own error where the bound is computed."""
        return (self.K * 2 * self.unit_roundoff + 2.0**-51) * abs(self.expected)


def bound(experiment: Experiment, time: int, unit: int) -> Bound:
    """The bound of the loop's own output at this step and unit."""
    (cell,) = experiment.case.weights
    precision = PRECISIONS[experiment.case.config.dtype]
    arrays = (cell.W, cell.U, cell.b_W, experiment.case.inputs[0, time], experiment.loop[time - 1])
    pending = _sum(*map(point, arrays))
    centre, radius, _ = pending.decide()
    allowed = pending.activate("tanh").enclosure
    sizes = _sum(*(np.abs(array, dtype=np.float64) for array in arrays))
    closest = max(abs(centre[unit]) - radius[unit], 0)  # to 0, where tanh is steepest
    W, U, b, x, h = arrays
    true = true_output([*W[unit], *U[unit], b[unit]], [*x, *h, 1])
    return Bound(
        precision.dtype,
        time,
        unit,
        precision.unit,
        pending.terms,
        gamma(pending.terms, precision.unit),
        gamma(pending.terms, U64),
        float(sizes[unit]),
        float(centre[unit]),
        float(1 / np.cosh(closest) ** 2),
        FUNCTIONS["tanh"].k,
        float(allowed.radius[unit]),
        float(true),
        float(abs(Decimal(float(experiment.loop[time, unit])) - true)),
    )


def true_output(weights: Sequence[float], values: Sequence[float]) -> Decimal:
    """tanh of the sum of the products, in DIGITS decimal digits."""
    with localcontext(prec=DIGITS):
        pairs = zip(weights, values, strict=True)
        z = sum(Decimal(float(weight)) * Decimal(float(value)) for weight, value in pairs)
        power = (2 * Decimal(z)).exp()
        return (power - 1) / (power + 1)


def _sum(W: Any, U: Any, b: Any, x: Any, h: Any) -> Any:
    """W x + U h + b, before the activation."""
    return notebook_step(W, U, b, x, h, lambda z: z)
