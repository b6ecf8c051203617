"""One step at a time from the implementation's own states: encloses every output of a case at once, with no loop over time.

Because each step starts from what the implementation itself gave, bounds never compound and chaos raises no alarm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.judge.enclosure import Enclosure, point
from references.case import Case, CellWeights
from references.numpy_rnn import step


@dataclass(frozen=True)
class Certificate:
    """One layer in one direction: what was observed, what is allowed, and the state that must come out at the end.

    Arrays are (B, T, H), with T in processing order.
    """

    layer: int
    direction: int
    actual: np.ndarray
    enclosure: Enclosure
    final_state: np.ndarray  # (B, H)


def certify(case: Case, layers: Sequence[np.ndarray]) -> list[Certificate]:
    """Certificates of every layer and direction; `layers` holds each layer's observed sequence (B, T, H*D), lowest first."""
    order = -1 if case.config.go_backwards else 1
    below = case.inputs[:, ::order]
    mask = None if case.mask is None else case.mask[:, ::order]
    D, H = case.config.num_directions, case.config.hidden_size
    certificates = []
    for layer, observed in enumerate(layers):
        for direction in range(D):
            time = -1 if direction else 1
            index = layer * D + direction
            actual = observed[:, ::time, direction * H : (direction + 1) * H]
            enclosure, final = _enclose(
                case,
                case.weights[index],
                below[:, ::time],
                actual,
                case.initial_state[index],
                None if mask is None else mask[:, ::time],
            )
            certificates.append(Certificate(layer, direction, actual, enclosure, final))
        below = observed
    return certificates


def _enclose(
    case: Case,
    cell: CellWeights,
    inputs: np.ndarray,
    actual: np.ndarray,
    initial: np.ndarray,
    mask: np.ndarray | None,
) -> tuple[Enclosure, np.ndarray]:
    """inputs (B, T, I), actual (B, T, H), initial (B, H), mask (B, T) -> the enclosure (B, T, H) and the final state (B, H)."""
    B, T, H = actual.shape
    states = np.concatenate(
        [initial[:, np.newaxis], actual], axis=1
    )  # states[:, t]: the state before step t, where nothing is masked
    if mask is not None:
        valid_until = np.maximum.accumulate(
            np.where(mask, np.arange(1, T + 1), 0), axis=1
        )  # (B, T), 0 = none yet
        carried = np.concatenate([np.zeros((B, 1), int), valid_until], axis=1)
        states = np.take_along_axis(states, carried[:, :, np.newaxis], axis=1)
    allowed = step(
        point(cell.W),
        point(cell.U),
        point(cell.b_W[:, np.newaxis]) + point(cell.b_U[:, np.newaxis]),
        point(inputs.reshape(B * T, -1).T),
        point(states[:, :-1].reshape(B * T, H).T),
        lambda z: z.activate(case.config.nonlinearity),
    )
    centre, radius, decided = (array.T.reshape(B, T, H) for array in allowed)
    if mask is not None:
        # A masked step puts out an earlier output again, or zeros: no arithmetic, so equal.
        shown = np.zeros_like(actual)
        if case.masked_output == "repeat":
            started = np.concatenate([np.zeros((B, 1, H), actual.dtype), actual], axis=1)
            shown = np.take_along_axis(started, valid_until[:, :, np.newaxis], axis=1)
        loose = ~np.isfinite(shown)  # an overflow that was allowed at its own step
        valid = mask[:, :, np.newaxis]
        centre = np.where(valid, centre, np.where(loose, 0, shown))
        radius = np.where(valid, radius, np.where(loose, np.inf, 0))
        decided = np.where(valid, decided, ~loose)
    return Enclosure(centre, radius, decided), states[:, -1]
