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

    Arrays are (H, T, B), with T in processing order.
    """

    layer: int
    direction: int
    actual: np.ndarray
    enclosure: Enclosure
    final_state: np.ndarray  # (H, B)


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
            actual = observed[:, ::time, direction * H : (direction + 1) * H].transpose(2, 1, 0)
            index = layer * D + direction
            enclosure, final = _enclose(
                case,
                case.weights[index],
                below[:, ::time].transpose(2, 1, 0),
                np.ascontiguousarray(actual),
                case.initial_state[index].T,
                None if mask is None else mask[:, ::time].T,
            )
            certificates.append(Certificate(layer, direction, actual, enclosure, final))
        below = observed
    return certificates


def _enclose(
    case: Case, cell: CellWeights, inputs: np.ndarray, actual: np.ndarray, initial: np.ndarray, mask: np.ndarray | None
) -> tuple[Enclosure, np.ndarray]:
    """inputs (I, T, B), actual (H, T, B), initial (H, B), mask (T, B) -> the enclosure (H, T, B) and the final state (H, B)."""
    H, T, B = actual.shape
    states = np.concatenate([initial[:, np.newaxis], actual], axis=1)  # states[:, t]: the state before step t, where nothing is masked
    if mask is not None:
        valid_until = np.maximum.accumulate(np.where(mask, np.arange(1, T + 1)[:, np.newaxis], 0))  # (T, B), 0 = none yet
        carried = np.concatenate([np.zeros((1, B), int), valid_until])
        states = np.take_along_axis(states, carried[np.newaxis], axis=1)
    b = point(cell.b_W[:, np.newaxis]) + point(cell.b_U[:, np.newaxis])
    allowed = step(
        point(cell.W),
        point(cell.U),
        b,
        point(inputs.reshape(-1, T * B)),
        point(states[:, :-1].reshape(H, T * B)),
        lambda z: z.activate(case.config.nonlinearity),
    )
    centre, radius, decided = (array.reshape(H, T, B) for array in allowed)
    if mask is not None:
        # A masked step puts out an earlier output again, or zeros: no arithmetic, so equal.
        shown = np.zeros_like(actual)
        if case.masked_output == "repeat":
            started = np.concatenate([np.zeros((H, 1, B), actual.dtype), actual], axis=1)
            shown = np.take_along_axis(started, valid_until[np.newaxis], axis=1)
        loose = ~np.isfinite(shown)  # an overflow that was allowed at its own step
        centre = np.where(mask, centre, np.where(loose, 0, shown))
        radius = np.where(mask, radius, np.where(loose, np.inf, 0))
        decided = np.where(mask, decided, ~loose)
    return Enclosure(centre, radius, decided), states[:, -1]
