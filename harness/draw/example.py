"""The teaching notebook's example: 42 steps of 32 inputs to 64 outputs, as it stands or scaled."""

import numpy as np

from harness.draw.bits import seeded
from references.case import Case, CellWeights, Config
from references.cells import CELLS

STEPS, INPUTS, OUTPUTS = 42, 32, 64


def notebook_case(scaled: bool, dtype: str, seed: int, name: str = "rnn") -> Case:
    """The example on numbers in [0, 1), as in the notebook, or `scaled`: in [-1, 1) / sqrt(n).

    `name` is the cell's; one with gates has two biases.
    """
    bits = seeded(seed)

    def draw(*shape: int) -> np.ndarray:
        signed = bits.fractions(24, *shape)
        return (signed / np.sqrt(shape[-1]) if scaled else (signed + 1) / 2).astype(dtype)

    rows = len(CELLS[name].GATES) * OUTPUTS
    b_U = () if name == "rnn" else (draw(rows),)
    cell = CellWeights(draw(rows, INPUTS), draw(rows, OUTPUTS), draw(rows), *b_U)
    config = Config(INPUTS, OUTPUTS, dtype=dtype, cell=name)
    return Case(config, (cell,), draw(1, STEPS, INPUTS))
