"""Bidirectional with merged outputs: two runs, in each of which one half is 0, or 1 for "mul"."""

from dataclasses import replace

import numpy as np

from references.case import Case, CellWeights, Outputs
from references.keras_rnn.calls import layer_by_layer, whole
from references.keras_rnn.options import UNIT, Options, refuse


def compute_merged(case: Case, options: Options) -> Outputs:
    """Runs every layer twice. sum: y + 0, mul: y * 1, ave: (y + 0) / 2, doubled; all exact."""
    refuse(case, options)
    return layer_by_layer(case, lambda part, _: _apart(part, options))


def _apart(case: Case, options: Options) -> Outputs:
    halves, last = [], []
    for direction in (0, 1):
        outputs = whole(_with_neutral(case, 1 - direction, options), options)
        halves.append(outputs.sequence * (2 if options.merge == "ave" else 1))
        if outputs.h_n is not None:
            last.append(outputs.h_n[direction])
    return Outputs(np.concatenate(halves, axis=2), np.stack(last) if last else None)


def _with_neutral(case: Case, direction: int, options: Options) -> Case:
    """The case with weights in one direction that make its outputs 0, or exactly 1 for "mul"."""
    cell, bias = case.weights[direction], case.config.bias
    one = cell.U.dtype.type(UNIT[case.config.nonlinearity] if options.merge == "mul" else 0)
    weights, states = list(case.weights), case.h_0.copy()
    weights[direction] = CellWeights(
        np.zeros_like(cell.W),
        np.zeros_like(cell.U) if bias else np.identity(len(cell.U), cell.U.dtype) * one,
        np.full_like(cell.b_W, one if bias else 0),
    )
    states[direction] = 1 if options.merge == "mul" and not bias else 0
    return replace(case, weights=tuple(weights), h_0=states)
