"""Encloses every output of a case at once, each step from the implementation's own state before it.

So there is no loop over time, bounds never compound, and chaos raises no false alarm.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from harness.judge.enclosure import Enclosure, Value, enclosed, point
from harness.judge.precision import precision_of
from references.case import Case
from references.cells import CELLS, lstm
from references.cells.gates import by_gate
from references.cells.walk import Pass, States, layers


@dataclass(frozen=True)
class Certificate:
    """One layer in one direction: the observation, what is allowed, and the states after the end.

    Arrays are (B, T, H), with T in processing order.
    """

    layer: int
    direction: int
    actual: np.ndarray
    enclosure: Enclosure
    h_n: np.ndarray  # (B, H)
    c_n: Enclosure | None = None  # (B, H) of an lstm


def certify(case: Case, observed: Sequence[np.ndarray]) -> list[Certificate]:
    """Certificates of every layer and direction.

    `observed` holds each layer's sequence (B, T, H*D), lowest first; they may be wider than the
    case's dtype, see `precision_of`.
    """
    certificates = []
    lift = partial(point, precision=precision_of(case.config.dtype, observed))

    def all_steps_at_once(part: Pass) -> tuple[np.ndarray, States]:
        actual = part.half(observed[part.layer])
        enclosure, h_n, c_n = _enclose(part, actual, lift)
        certificates.append(Certificate(part.layer, part.direction, actual, enclosure, h_n, c_n))
        return actual, (h_n,)

    layers(case, all_steps_at_once)
    return certificates


def _enclose(
    part: Pass, actual: np.ndarray, lift: Callable[[np.ndarray], Value]
) -> tuple[Enclosure, np.ndarray, Enclosure | None]:
    """actual (B, T, H) -> its enclosure (B, T, H); h and c after the last valid step (B, H)."""
    B, T, H = actual.shape
    config = part.case.config
    states = part.states_before(actual)
    p = by_gate(part.weights, config, lambda z: z.activate(config.nonlinearity), lift)
    x = lift(part.inputs.reshape(B * T, -1).T)
    h = lift(states[:, :-1].reshape(B * T, H).T)
    c_n = None
    if config.cell == "lstm":
        gates = [_by_step(gate, T) for gate in lstm.gates(p, x, h)]
        enclosure, c_n = _carry_c(part, gates, lift(part.initial[1].T))
    else:
        (value,) = CELLS[config.cell].step(p, x, h)
        enclosure = Enclosure(*(array.T.reshape(B, T, H) for array in value.enclosure))
    if part.mask is not None:
        enclosure = _masked(enclosure, part.mask[:, :, np.newaxis], part.masked_outputs(actual))
    return enclosure, states[:, -1], c_n


def _by_step(gate: Value, T: int) -> list[Value]:
    """A gate (H, B*T) -> for each step (H, B)."""
    H = gate.centre.shape[0]
    arrays = (array.reshape(H, -1, T) for array in (gate.centre, gate.radius))
    centre, radius = (np.ascontiguousarray(array.transpose(2, 0, 1)) for array in arrays)
    return [enclosed(*both, gate.precision) for both in zip(centre, radius, strict=True)]


def _carry_c(part: Pass, gates: list[list[Value]], c: Any) -> tuple[Enclosure, Enclosure]:
    """The gates by step, c (H, B) before the first -> h (B, T, H), and c after the last (B, H).

    c is not observed between the steps. |f| <= 1, so that its radius grows at most linearly.
    """
    outputs = []
    for t, (i, f, g, o) in enumerate(zip(*gates, strict=True)):
        new: Any = lstm.cell_state(i, f, g, c).activate("linear")
        outputs.append(lstm.output(o, new).enclosure)
        c = new if part.mask is None else np.where(part.mask[:, t], new, c)
    h = (np.stack(arrays).transpose(2, 0, 1) for arrays in zip(*outputs, strict=True))
    return Enclosure(*h), Enclosure(*(array.T for array in c.enclosure))


def _masked(enclosure: Enclosure, valid: np.ndarray, masked: np.ndarray) -> Enclosure:
    """A masked step puts out an earlier output again, or zeros: no arithmetic, so equal."""
    loose = ~np.isfinite(masked)  # an overflow that was allowed at its own step
    return Enclosure(
        np.where(valid, enclosure.centre, np.where(loose, 0, masked)),
        np.where(valid, enclosure.radius, np.where(loose, np.inf, 0)),
        np.where(valid, enclosure.decided, ~loose),
    )
