"""Draws inputs and initial states for weights that are there, as `compare` needs them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from references.case import Case, CellWeights, Config
from references.cells import CELLS

MOST = {"batch": 4, "time": 24}


def cases_with(
    config: Config,
    weights: tuple[CellWeights, ...],
    count: int,
    seed: int,
    steps: int | None = None,
) -> Iterator[Case]:
    """Yields cases of these weights: B up to 4, T up to 24, normal inputs of several sizes.

    Every second case starts from zeros. `steps` bounds B * T.
    """
    generator = np.random.default_rng(seed)
    for index in range(count):
        batch = 1 + index % MOST["batch"]
        time = 1 + int(generator.integers(MOST["time"]))
        if steps is not None:
            batch, time = min(batch, steps), max(1, min(time, steps // batch))
        scale = 2.0 ** generator.integers(-3, 2)
        inputs = scale * generator.standard_normal((batch, time, config.input_size))
        case = Case(config, weights, inputs.astype(config.dtype))
        if index % 2:
            case = replace(case, **_states(case, generator))
        yield case


def _states(case: Case, generator: np.random.Generator) -> dict[str, Any]:
    """h_0, and c_0 where the cell has one, within (-1, 1)."""
    return {
        f"{state}_0": np.tanh(generator.standard_normal(case.h_0.shape)).astype(case.config.dtype)
        for state in CELLS[case.config.cell].STATES
    }
