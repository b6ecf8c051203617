"""The teaching notebook's example: 42 steps of 32 inputs to 64 outputs, on its own numbers or on ones that can tell."""

import numpy as np

from harness.draw.bits import seeded
from references.case import Case, CellWeights, Config

STEPS, INPUTS, OUTPUTS = 42, 32, 64


def notebook_case(scaled: bool, dtype: str, seed: int) -> Case:
    """42 steps of 32 inputs to 64 outputs: numbers in [0, 1) as in the notebook, or in [-1, 1) / sqrt(n)."""
    bits = seeded(seed)

    def draw(*shape: int) -> np.ndarray:
        signed = bits.fractions(24, *shape)
        return (signed / np.sqrt(shape[-1]) if scaled else (signed + 1) / 2).astype(dtype)

    W, U, b = draw(OUTPUTS, INPUTS), draw(OUTPUTS, OUTPUTS), draw(OUTPUTS)
    return Case(
        Config(INPUTS, OUTPUTS, dtype=dtype), (CellWeights(W, U, b),), draw(1, STEPS, INPUTS)
    )
