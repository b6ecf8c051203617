"""Random 64-bit words as integers and fractions, the same on every machine and with every NumPy.

Small words give simple numbers and the zero word gives 0, so that Hypothesis shrinks towards them.
"""

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Bits:
    """Numbers from `words(n)`, a function that gives n words of dtype uint64."""

    def __init__(self, words: Callable[[int], np.ndarray]) -> None:
        self.words = words

    def below(self, n: int) -> int:
        """A whole number in [0, n); n at most 2^32."""
        return (int(self.words(1)[0]) >> 32) * n >> 32

    def choose(self, choices: Sequence[T]) -> T:
        """One of `choices`, the first for the simplest word."""
        return choices[self.below(len(choices))]

    def up_to(self, magnitude: int, *shape: int) -> np.ndarray:
        """Integers in [-magnitude, magnitude], int64; magnitude below 2^31."""
        return _zigzag(self._scaled(2 * magnitude + 1, shape))

    def signs(self, *shape: int) -> np.ndarray:
        """1 or -1, int64."""
        return 1 - 2 * self._scaled(2, shape)

    def fractions(self, bits: int, *shape: int) -> np.ndarray:
        """Multiples of 2^(1 - bits) in [-1, 1), float64; bits at most 53."""
        signed = self.words(math.prod(shape)).view(np.int64) >> (64 - bits)
        return (signed * 2.0 ** (1 - bits)).reshape(shape)

    def _scaled(self, n: int, shape: tuple[int, ...]) -> np.ndarray:
        half, words = np.uint64(32), self.words(math.prod(shape))
        return ((words >> half) * np.uint64(n) >> half).view(np.int64).reshape(shape)


def _zigzag(values: np.ndarray) -> np.ndarray:
    """0, 1, 2, 3, 4 -> 0, 1, -1, 2, -2."""
    decoded: np.ndarray = -((values >> 1) ^ -(values & 1))
    return decoded


def seeded(*seed: int) -> Bits:
    """Bits from NumPy's PCG64; only `random_raw` is used, whose stream is fixed."""
    return Bits(np.random.PCG64(np.random.SeedSequence(seed)).random_raw)


def coded(codes: Callable[[], int]) -> Bits:
    """Bits from codes below 2^64, one for each call: 16 digits, then zeros; from 2^63 on a seed.

    A digit means the same element in an array of any size, so that Hypothesis can shrink sizes and
    numbers independently.
    """

    def words(n: int) -> np.ndarray:
        code = codes()
        if code >> 63:
            raw: np.ndarray = np.random.PCG64(np.random.SeedSequence(code)).random_raw(n)
            return raw
        digits = np.zeros(n, np.uint64)
        digits[:16] = [(code >> (4 * place) & 15) << 60 for place in range(min(n, 16))]
        return digits

    return Bits(words)
