"""Deals the choices of a case, so that any two of them meet in all their levels.

It is an orthogonal array of strength 2 (R. C. Bose, 1938; Latin hypercube sampling is strength 1).
The range of each choice is cut into 13 levels. Case `13 a + b` of a block of 169 has level
`a f + b` modulo 13 in column f, with the levels of each column shuffled. So the 13 cases of each a
have each level of a choice once, and the 169 of a block each pair of levels of two choices once.
"""

from functools import lru_cache

import numpy as np

from harness.draw.bits import Bits, seeded

LEVELS = 13  # a prime; also the number of columns
BLOCK = LEVELS**2


def dealt(bits: Bits, seed: int, index: int) -> Bits:
    """Words for up to 13 choices of one number each, one from its level of each column.

    `bits` says where in its level each word is.
    """
    block, place = divmod(index, BLOCK)
    width = (1 << 64) // LEVELS
    levels = _block(seed, block)[place]
    words = levels * np.uint64(width) + bits.words(LEVELS) // np.uint64(LEVELS)
    one_each = iter(words[:, None])
    return Bits(lambda _: next(one_each))


@lru_cache(maxsize=64)
def _block(seed: int, block: int) -> np.ndarray:
    """The levels (169, 13) of the cases of a block, uint64."""
    shuffled = np.argsort(
        seeded(seed, block, LEVELS).words(BLOCK).reshape(LEVELS, LEVELS), axis=1, kind="stable"
    )
    column = np.arange(LEVELS)
    a, b = np.divmod(np.arange(BLOCK)[:, None], LEVELS)
    levels: np.ndarray = shuffled[column, (a * column + b) % LEVELS].astype(np.uint64)
    return levels
