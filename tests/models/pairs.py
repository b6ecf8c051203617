"""Pairs of models as files and objects, for the tests of `compare`."""

import json
from dataclasses import asdict, replace

import numpy as np

from harness import sample_cases
from references.case import CellWeights
from references.read import write_layer

SIZES = {"hidden_size": 3, "input_size": 2, "regimes": "contracting", "dtype": "float32"}
PLAIN = SIZES | {"num_layers": 1, "bidirectional": False, "bias": True, "go_backwards": False}


def model(cell="lstm", seed=1, **limits):
    """Config and weights of a model."""
    if cell == "rnn":
        limits = {"nonlinearity": "tanh"} | limits
    (case,) = sample_cases(1, seed, cell=cell, **(PLAIN | limits))
    return case.config, case.weights


def changed(weights, name, change, index=0):
    """The weights with one array changed."""
    cell = weights[index]
    other = replace(cell, **{name: change(getattr(cell, name))})
    return (*weights[:index], other, *weights[index + 1 :])


def folded(weights):
    """One bias where there are two."""
    return tuple(CellWeights(cell.W, cell.U, cell.b_W + cell.b_U) for cell in weights)


def swapped(array):
    """An LSTM's array whose gates f and g have changed places."""
    i, f, g, o = np.split(array, 4)
    return np.concatenate([i, g, f, o])


def arrays(config, weights):
    """A model as plain arrays by name, which needs no process."""
    named = {f"{i}.{name}": a for i, c in enumerate(weights) for name, a in c.arrays().items()}
    return named | {"config": np.array(json.dumps(asdict(config)))}


def save(path, config, weights):
    write_layer(config, weights, path)
    return str(path)
