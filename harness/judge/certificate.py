"""Encloses every output of a case at once, each step from the implementation's own state before it.

So there is no loop over time, bounds never compound, and chaos raises no false alarm.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from harness.judge.enclosure import Enclosure, Value, point
from harness.judge.precision import precision_of
from references.case import Case
from references.cells import CELLS
from references.cells.gates import by_gate
from references.cells.walk import Pass, States, layers


@dataclass(frozen=True)
class Certificate:
    """One layer in one direction: the observation, what is allowed, and the state after the end.

    Arrays are (B, T, H), with T in processing order.
    """

    layer: int
    direction: int
    actual: np.ndarray
    enclosure: Enclosure
    h_n: np.ndarray  # (B, H)


def certify(case: Case, observed: Sequence[np.ndarray]) -> list[Certificate]:
    """Certificates of every layer and direction.

    `observed` holds each layer's sequence (B, T, H*D), lowest first; they may be wider than the
    case's dtype, see `precision_of`.
    """
    certificates = []
    lift = partial(point, precision=precision_of(case.config.dtype, observed))

    def all_steps_at_once(part: Pass) -> tuple[np.ndarray, States]:
        actual = part.half(observed[part.layer])
        enclosure, h_n = _enclose(part, actual, lift)
        certificates.append(Certificate(part.layer, part.direction, actual, enclosure, h_n))
        return actual, (h_n,)

    layers(case, all_steps_at_once)
    return certificates


def _enclose(
    part: Pass, actual: np.ndarray, lift: Callable[[np.ndarray], Value]
) -> tuple[Enclosure, np.ndarray]:
    """actual (B, T, H) -> its enclosure (B, T, H), and h after the last valid step (B, H)."""
    B, T, H = actual.shape
    config = part.case.config
    cell = CELLS[config.cell]
    states = part.states_before(actual)
    p = by_gate(part.weights, cell.GATES, lambda z: z.activate(config.nonlinearity), lift)
    x = lift(part.inputs.reshape(B * T, -1).T)
    h = lift(states[:, :-1].reshape(B * T, H).T)
    (value,) = cell.step(p, x, h)
    enclosure = Enclosure(*(array.T.reshape(B, T, H) for array in value.enclosure))
    if part.mask is not None:
        enclosure = _masked(enclosure, part.mask[:, :, np.newaxis], part.masked_outputs(actual))
    return enclosure, states[:, -1]


def _masked(enclosure: Enclosure, valid: np.ndarray, masked: np.ndarray) -> Enclosure:
    """A masked step puts out an earlier output again, or zeros: no arithmetic, so equal."""
    loose = ~np.isfinite(masked)  # an overflow that was allowed at its own step
    return Enclosure(
        np.where(valid, enclosure.centre, np.where(loose, 0, masked)),
        np.where(valid, enclosure.radius, np.where(loose, np.inf, 0)),
        np.where(valid, enclosure.decided, ~loose),
    )
