"""The teaching notebook's example: 42 steps of 32 inputs to 64 outputs, as it stands or scaled."""

import numpy as np

from harness.draw.bits import seeded
from references.case import Case, CellWeights, Config

STEPS, INPUTS, OUTPUTS = 42, 32, 64


def notebook_case(scaled: bool, dtype: str, seed: int) -> Case:
    """The example on numbers in [0, 1), as in the notebook, or `scaled`: in [-1, 1) / sqrt(n)."""
    bits = seeded(seed)

    def draw(*shape: int) -> np.ndarray:
        signed = bits.fractions(24, *shape)
        return (signed / np.sqrt(shape[-1]) if scaled else (signed + 1) / 2).astype(dtype)

    cell = CellWeights(draw(OUTPUTS, INPUTS), draw(OUTPUTS, OUTPUTS), draw(OUTPUTS))
    return Case(Config(INPUTS, OUTPUTS, dtype=dtype), (cell,), draw(1, STEPS, INPUTS))
