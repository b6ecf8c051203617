"""What differs between the three cells in Keras: classes, order of gates, biases and states."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from references import REFERENCES
from references.case import CellWeights, Config
from references.cells import CELLS
from references.cells.gates import reordered
from references.cells.walk import States

StateList = list[np.ndarray]
# Of kernel, recurrent_kernel and perhaps bias, by their paths.
Shapes = Mapping[str, tuple[int, ...]]


class Kind(NamedTuple):
    """One cell: Keras' classes for it."""

    layer: Any
    cell: Any
    fields: tuple[str, ...] = ()  # of Config: what the constructors take besides


KINDS = {
    "rnn": Kind(keras.layers.SimpleRNN, keras.layers.SimpleRNNCell),
    "gru": Kind(keras.layers.GRU, keras.layers.GRUCell, ("reset_after",)),
    "lstm": Kind(keras.layers.LSTM, keras.layers.LSTMCell),
}


def gates_of(cell: str) -> tuple[str, ...]:
    """The gates in Keras' order, under our names."""
    return REFERENCES["keras"].gates.get(cell, CELLS[cell].GATES)


def names_of(shapes: Shapes) -> dict[str, str]:
    """The paths of a cell's arrays by our names. One row of biases has the name of both."""
    W, U, *bias = shapes
    rows = [f"{path}[{row}]" if len(shapes[path]) == 2 else path for path in bias for row in (0, 1)]
    return {"W": W, "U": U} | dict(zip(("b_W", "b_U"), rows, strict=bool(bias)))


def arrays_of(cells: Sequence[CellWeights], config: Config) -> list[np.ndarray]:
    """The weights of cells in Keras' order, and in its order of gates.

    Of each: kernel (I, G*H) = W transposed, recurrent_kernel (H, G*H) = U transposed, and bias
    (G*H,) = b_W + b_U, or (2, G*H) = both of a gru with reset_after.
    """
    return [array for cell in cells for array in _written(cell, config)]


def _written(cell: CellWeights, config: Config) -> list[np.ndarray]:
    ours, theirs = CELLS[config.cell].GATES, gates_of(config.cell)
    W, U, *biases = (reordered(array, ours, theirs) for array in cell.arrays().values())
    if not config.bias:
        return [W.T, U.T]
    return [W.T, U.T, np.stack(biases) if two_biases(config) else biases[0] + biases[1]]


def weights_of(arrays: Sequence[np.ndarray], config: Config) -> CellWeights:
    """The reverse for one cell: W and U come back, and both biases of a gru with reset_after.

    Else b_W is the sum that was written, and b_U is zeros.
    """
    ours, theirs = CELLS[config.cell].GATES, gates_of(config.cell)
    kernel, recurrent_kernel, *bias = arrays
    biases = [row for array in bias for row in np.atleast_2d(array)]
    parts = (kernel.T, recurrent_kernel.T, *biases)
    return CellWeights(*(reordered(array, theirs, ours) for array in parts))


def two_biases(config: Config) -> bool:
    """True where Keras keeps b_W and b_U apart, since the reset gate acts on one of them."""
    return config.cell == "gru" and config.reset_after


def as_list(states: States) -> StateList:
    """The states of layers and directions as Keras lists them: h, and after each h its c."""
    return [state for of_cell in zip(*states, strict=True) for state in of_cell]


def as_states(states: StateList, config: Config) -> States | None:
    """Such a list as states, each (L*D, B, H); None for an empty one."""
    count = len(CELLS[config.cell].STATES)
    return tuple(np.stack(states[i::count]) for i in range(count)) if states else None
