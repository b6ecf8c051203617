"""Layers to write and read: cases of every cell, and what a format keeps of them."""

from dataclasses import asdict, replace

import numpy as np

from harness import sample_cases
from references.case import CellWeights

SMALL = {"time": 1, "batch": 1, "input_size": (1, 4), "hidden_size": (1, 4), "masks": False}
SMALL |= {"cell": ("rnn", "gru", "lstm"), "num_layers": (1, 2)}


def drawn(count, seed=0, **limits):
    """`count` cases of all cells, one and two layers, one and two directions, with and without
    biases.
    """
    return list(sample_cases(count, seed, **(SMALL | limits)))


def config_options(case):
    """All that a file may not say, as options: they have to agree with what it does say."""
    return asdict(case.config)


def without_zero_signs(case):
    """The case's weights as they come back: biases that are left out are +0."""
    if case.config.bias:
        return case.weights
    return tuple(CellWeights(cell.W, cell.U) for cell in case.weights)


def one_bias(case):
    """The case with all its biases in b_W, where one fits: nothing is folded."""
    if case.config.cell == "gru" and case.config.reset_after:
        return case
    cells = [CellWeights(c.W, c.U, c.b_W + np.zeros_like(c.b_W)) for c in case.weights]
    return replace(case, weights=tuple(cells), origin="")
