"""Bidirectional with outputs that are merged: each half is told apart by a run in which the other half is 0, or 1 for "mul"."""

from dataclasses import replace

import numpy as np

from references.case import Case, CellWeights, Outputs
from references.keras_rnn.calls import layer_by_layer, whole
from references.keras_rnn.options import UNIT, Options, refuse


def compute_merged(case: Case, options: Options) -> Outputs:
    """Every layer twice. sum: y + 0, mul: y * 1, ave: (y + 0) / 2, doubled; all exact."""
    refuse(case, options)
    return layer_by_layer(case, lambda part, _: _told_apart(part, options))


def _told_apart(case: Case, options: Options) -> Outputs:
    halves, finals = [], []
    for direction in (0, 1):
        outputs = whole(_with_neutral(case, 1 - direction, options), options)
        halves.append(outputs.sequence * (2 if options.merge == "ave" else 1))
        if outputs.h_n is not None:
            finals.append(outputs.h_n[direction])
    return Outputs(np.concatenate(halves, axis=2), np.stack(finals) if finals else None)


def _with_neutral(case: Case, direction: int, options: Options) -> Case:
    """The case with weights in one direction that make its outputs 0, or exactly 1 for "mul"."""
    cell, config = case.weights[direction], case.config
    one = UNIT[config.nonlinearity] if options.merge == "mul" else 0.0
    b = np.full_like(cell.b_W, one if config.bias else 0.0)
    U = (
        np.zeros_like(cell.U)
        if config.bias
        else np.identity(config.hidden_size, cell.U.dtype) * cell.U.dtype.type(one)
    )
    weights, states = list(case.weights), case.h_0.copy()
    weights[direction] = CellWeights(np.zeros_like(cell.W), U, b)
    states[direction] = 1.0 if options.merge == "mul" and not config.bias else 0.0
    return replace(case, weights=tuple(weights), h_0=states)
