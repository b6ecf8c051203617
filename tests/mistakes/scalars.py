"""Gated cells of one input and one unit, step by step, in plain Python."""

import math

import numpy as np

from harness.mistakes.catalogue import BY_NAME
from references.case import Case, CellWeights, Config
from references.cells import CELLS


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def one_unit(cell, inputs, h_0=0.5, c_0=0.25, mask=None, **config) -> Case:
    """W, U, b_W and b_U of gate k are 0.1 k + 0.3, 0.2 k - 0.5, 0.1 k and 0.4 - 0.15 k."""
    k = np.arange(len(CELLS[cell].GATES), dtype=float)
    weights = CellWeights(
        (0.1 * k + 0.3)[:, None], (0.2 * k - 0.5)[:, None], 0.1 * k, 0.4 - 0.15 * k
    )
    initial = {"c_0": np.full((1, 1, 1), float(c_0))} if cell == "lstm" else {}
    return Case(
        Config(1, 1, cell=cell, dtype="float64", **config),
        (weights,),
        np.reshape(np.array(inputs, float), (1, -1, 1)),
        np.full((1, 1, 1), float(h_0)),
        None if mask is None else np.array([mask], bool),
        **initial,
    )


def terms(case, x, h):
    """W x + b_W, and U h + b_U, of every gate."""
    (cell,) = case.weights
    return (cell.W[:, 0] * x + cell.b_W).tolist(), (cell.U[:, 0] * h + cell.b_U).tolist()


def outputs_of(name, case):
    """The outputs over time of the planted mistake, which applies."""
    assert BY_NAME[name].applies(case)
    return BY_NAME[name].plant()(case)
