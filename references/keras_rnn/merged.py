"""Bidirectional with merged outputs: two runs, in each of which one half is 0, or 1 for "mul"."""

from dataclasses import replace

import numpy as np

from references.case import Case, CellWeights, Outputs
from references.cells import CELLS
from references.keras_rnn.calls import layer_by_layer, whole
from references.keras_rnn.cells import StateList, as_list, as_states
from references.keras_rnn.options import Options, ones, refuse


def compute_merged(case: Case, options: Options) -> Outputs:
    """Runs every layer twice. sum: y + 0, mul: y * 1, ave: (y + 0) / 2, doubled; all exact."""
    refuse(case, options)
    return layer_by_layer(case, lambda part, _: _apart(part, options))


def _apart(case: Case, options: Options) -> Outputs:
    halves: list[np.ndarray] = []
    last: StateList = []
    each = len(CELLS[case.config.cell].STATES)
    for direction in (0, 1):
        result = whole(_with_neutral(case, 1 - direction, options), options)
        halves.append(result.sequence * (2 if options.merge == "ave" else 1))
        last += as_list(result.states)[direction * each :][:each]
    return Outputs.of(np.concatenate(halves, axis=2), as_states(last, case.config))


def _with_neutral(case: Case, direction: int, options: Options) -> Case:
    """The case with weights in one direction that make its outputs 0, or exactly 1 for "mul"."""
    cell, bias, H = case.weights[direction], case.config.bias, case.config.hidden_size
    values = np.array(ones(case.config), cell.U.dtype) * (options.merge == "mul")
    weights, h_0 = list(case.weights), case.h_0.copy()
    weights[direction] = CellWeights(
        np.zeros_like(cell.W),
        np.zeros_like(cell.U)
        if bias
        else np.kron(values[:, np.newaxis], np.identity(H, values.dtype)),
        np.repeat(values, H) * bias,
    )
    h_0[direction] = 1 if options.merge == "mul" and not bias else 0
    c_0 = None if case.c_0 is None else case.c_0.copy()
    if c_0 is not None:
        c_0[direction] = 64 if options.merge == "mul" else 0
    return replace(case, weights=tuple(weights), h_0=h_0, c_0=c_0)
