"""Formulas that people take for sigmoid, and that lose numbers where a gate is nearly closed.

A diagnosis names them. They are not planted: on most cases their outputs are right.
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np

from harness.mistakes.families import gru, lstm
from harness.mistakes.families.activation import Algorithm
from harness.mistakes.mistake import Mistake, pre_activation
from references.cells.walk import Moment

ENDS = (15, 20, 30, 50, 80, 88, 100, 500, 700, 709)  # at which people clip z
FIX = "use 1 / (1 + exp(-z)): where exp(-z) is inf, that is 0"


@cache
def sigmoids(cell: str) -> tuple[Mistake, ...]:
    """The cell with each of these formulas for sigmoid."""
    return tuple(_sigmoids(cell))


def _sigmoids(cell: str) -> Iterator[Mistake]:
    yield _mistake(
        cell,
        "sigmoid from tanh",
        "sigmoid is written as (1 + tanh(z / 2)) / 2, whose error near 0 is absolute.",
        Algorithm(lambda z: 0.5 * np.tanh(0.5 * z) + 0.5, absolute=4),
    )
    for end in ENDS:
        yield _mistake(
            cell,
            f"sigmoid clipped at {end}",
            f"sigmoid takes z from -{end} to {end} alone, and comes no nearer to 0 or 1.",
            Algorithm(partial(_clipped, end)),
        )


def _clipped(end: int, z: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(z, -end, end)))


def _mistake(cell: str, name: str, sentence: str, sigmoid: Algorithm) -> Mistake:
    """The mistake, whose step is that of the cell with another sigmoid."""

    def rnn(now: Moment) -> Any:
        return sigmoid(pre_activation(now))

    gate = sigmoid.__call__
    steps = {"rnn": rnn, "gru": gru.Step(gate=gate), "lstm": lstm.Step(gate=gate)}
    mistake = Mistake(name, sentence).of(cell).to_fix(FIX).change(step=steps[cell])
    return mistake.when(nonlinearity="sigmoid") if cell == "rnn" else mistake
