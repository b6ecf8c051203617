"""Encloses the layers that nobody returned, each step from what the one before it may have left.

So bounds add up from step to step, unlike those of a layer that is observed. An enclosed array is
complex, centre + 1j * radius, so that whatever moves numbers does the same with both.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from harness.judge.bounds.enclosure import Enclosure, Value, point
from harness.judge.bounds.precision import Precision, precision_of
from references.case import Case, Outputs
from references.cells import CELLS
from references.cells.gates import by_gate
from references.cells.walk import Moment, Pass, States, layers, recur


@np.errstate(all="ignore")
def propagate(
    case: Case, unrounded: bool = True, count: int | None = None, activation_error: float = 0.0
) -> Outputs:
    """Encloses the outputs of every right evaluation, in the case's dtype.

    Of `unrounded` ones, too: who computes in a wider dtype may not round between steps and layers.
    With `count` it takes so many steps of each direction; then a case of several layers has one.
    Each activation of a step may be off by `activation_error` besides.
    """
    precision = precision_of(case.config.dtype, (), activation_error)
    return layers(case, partial(_along_time, precision, unrounded, count))


def _along_time(
    precision: Precision, unrounded: bool, count: int | None, part: Pass
) -> tuple[np.ndarray, States]:
    mask = None if part.mask is None else part.mask[:, :count]
    part = part._replace(inputs=part.inputs[:, :count], mask=mask)
    p = weights_of(part, partial(point, precision=precision))
    return recur(partial(_step, p, precision, unrounded), part)


def weights_of(part: Pass, lift: Callable[[np.ndarray], Value]) -> Any:
    """The weights by gate, as an equation computes its own enclosure with them."""
    config = part.case.config
    return by_gate(part.weights, config, lambda z: z.activate(config.nonlinearity), lift)


def new_states(cell: str, p: Any, x: Value, h: Value, *rest: Value) -> tuple[Value, ...]:
    """The new states of a step, each as it is when it is stored; of an rnn, its output."""
    values: tuple[Value, ...] = CELLS[cell].step(p, x, h, *rest)
    if cell == "rnn":
        return values
    # Some compute a GRU as h + (1 - z) (n - h), whose monomials h and -h cancel.
    sums = (values[0] + (h - h),) if cell == "gru" else values
    return tuple(value.activate("state") for value in sums)


def _step(
    p: Any, precision: Precision, unrounded: bool, moment: Moment
) -> tuple[np.ndarray, States]:
    x, h, *rest = (point(each, precision) for each in (moment.input_t, *moment.states))
    new = tuple(map(as_array, new_states(moment.part.case.config.cell, p, x, h, *rest)))
    for numbers in new if unrounded else ():
        numbers.imag += 2 * precision.unit * np.abs(numbers.real) + precision.tiny  # one rounding
    return new[0], moment.hold(new)


def enclosure_of(numbers: np.ndarray) -> Enclosure:
    """Complex numbers, centre + 1j * radius, as an enclosure."""
    return Enclosure(numbers.real, numbers.imag, np.isfinite(numbers.imag))


def as_array(value: Any) -> np.ndarray:
    """Stored numbers as an array: complex, unless they are known exactly."""
    if not isinstance(value, Value):
        return np.asarray(value)
    if value.observed is not None:
        return value.observed
    centre, radius, _ = value.enclosure
    numbers = np.empty(centre.shape, np.complex128)
    numbers.real, numbers.imag = centre, radius  # 1j * inf would be NaN + 1j * inf
    return numbers
