"""Wrong implementations rebuilt from public reports. Each has the known mistake that it makes."""

from collections.abc import Callable

import numpy as np

from references import Unsupported
from references.case import Case, CellWeights, Outputs
from references.cells.activations import ACTIVATIONS

REPORTS: dict[str, tuple[Callable[[Case], Outputs], str]] = {}


def report(source: str, mistake: str) -> Callable[[Callable[[Case], Outputs]], None]:
    """Lists a function under the report that it is rebuilt from."""

    def add(run: Callable[[Case], Outputs]) -> None:
        REPORTS[source] = run, mistake

    return add


def layer(case: Case, needs_two_directions: bool = False) -> Callable[[np.ndarray], np.ndarray]:
    """The activation of a single layer; other cases are refused."""
    config = case.config
    if config.num_layers > 1 or config.bidirectional is not needs_two_directions:
        raise Unsupported("one layer, in one direction or in two")
    return ACTIVATIONS[config.nonlinearity]


def recur(
    cell: CellWeights,
    inputs: np.ndarray,
    state: np.ndarray,
    activation: Callable[[np.ndarray], np.ndarray],
    mask: np.ndarray | None = None,
    zero: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """The right recurrence over inputs (B, T, I): outputs (B, T, H) and the last state (B, H)."""
    outputs, last = [], np.zeros_like(state)
    for t in range(inputs.shape[1]):
        new = activation(inputs[:, t] @ cell.W.T + state @ cell.U.T + (cell.b_W + cell.b_U))
        keep = True if mask is None else mask[:, t, None]
        state = np.where(keep, new, state)
        last = np.where(keep, new, np.zeros_like(new) if zero else last)
        outputs.append(last)
    return np.stack(outputs, 1), state


@report("keras 1934", "mask reversed")
def mask_not_reversed(case: Case) -> Outputs:
    activation = layer(case)
    if case.mask is None or not case.config.go_backwards:
        raise Unsupported("go_backwards with a mask")
    zero = case.masked_output == "zero"
    reverse = case.inputs[:, ::-1]
    h, last = recur(case.weights[0], reverse, case.h_0[0], activation, case.mask, zero)
    return Outputs(h, last[None])


@report("seya 32", "backward half flipped over the batch")
def flipped_over_the_batch(case: Case) -> Outputs:
    return two_halves(case, case.inputs[:, ::-1], slice(None, None, -1))


@report("nlc 8", "backward cell reads forward")
def both_read_forward(case: Case) -> Outputs:
    return two_halves(case, case.inputs, slice(None))


def two_halves(case: Case, backward_inputs: np.ndarray, rows: slice) -> Outputs:
    activation = layer(case, needs_two_directions=True)
    if case.mask is not None or case.config.go_backwards:
        raise Unsupported("no mask")
    (one, other), (h, g) = case.weights, case.h_0
    forward, h = recur(one, case.inputs, h, activation)
    backward, g = recur(other, backward_inputs, g, activation)
    return Outputs(np.concatenate([forward, backward[rows]], 2), np.stack([h, g]))


@report("keras 1300", "pads zeroed while the recurrence runs on")
def bias_leaks_through_pads(case: Case) -> Outputs:
    activation = layer(case)
    if case.mask is None or case.masked_output != "zero" or case.config.go_backwards:
        raise Unsupported("a mask, and zeros")
    mask = case.mask[:, :, None]
    h, last = recur(case.weights[0], case.inputs * mask, case.h_0[0], activation)
    return Outputs(h * mask, last[None])


@report("tensorflow 32299", "state reset at a chunk boundary")
def initial_state_put_in_again(case: Case) -> Outputs:
    activation = layer(case)
    if case.mask is not None or case.config.go_backwards or case.time < 2:
        raise Unsupported("two chunks")
    (cell,), (h,), half = case.weights, case.h_0, case.time // 2
    first, _ = recur(cell, case.inputs[:, :half], h, activation)
    second, last = recur(cell, case.inputs[:, half:], h, activation)
    return Outputs(np.concatenate([first, second], 1), last[None])


@report("stackoverflow 70629215", "recurrent term forgotten")
def nothing_of_the_state(case: Case) -> Outputs:
    activation, (cell, *_) = layer(case), case.weights
    if case.mask is not None or case.config.go_backwards:
        raise Unsupported("no mask")
    return Outputs(activation(case.inputs @ cell.W.T + cell.b_W + cell.b_U))
