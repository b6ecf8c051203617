"""Exact cases on which mistakes look different: no two sizes alike, dense numbers, no rounding."""

from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from harness.draw.bits import seeded
from harness.draw.choices import Choices
from harness.draw.generate import assemble
from harness.draw.limits import EXACT_REGIMES, REGIMES
from harness.judge.calls.second_calls import from_zeros
from harness.mistakes.mistake import Edits, run
from references.case import WEIGHTS, Case, CellWeights, Config, Outputs

SEEDS = (0, 1)
LAYERS = 3  # as many as any case that is drawn has; more would take long, and show the same
SMALL = np.float32(2.0**-14)
ROUNDED = "contracting"  # too few bits leave nothing that is decided of the exact probes


def probes(case: Case) -> tuple[Case, ...]:
    """Cases with the same Config but for the sizes, and with a mask where the case has one.

    They have LAYERS at most. Where the activation allows it, they are exact, but for the last.
    They are the same objects for the same kind of case, as long as that is among the latest.
    """
    config = replace(
        case.config, hidden_size=6, input_size=4, num_layers=min(LAYERS, case.config.num_layers)
    )
    return _probes(config, case.mask is not None, case.masked_output)


@lru_cache(maxsize=16)
def _probes(config: Config, masked: bool, masked_output: str) -> tuple[Case, ...]:
    exact = [name for name in EXACT_REGIMES if config.nonlinearity in REGIMES[name]]
    regimes = [(exact or [ROUNDED])[seed % max(len(exact), 1)] for seed in SEEDS]
    regimes += [ROUNDED] if exact else []
    mask_kind = "random" if masked else "none"
    choices = (Choices(7, 3, regime, True, mask_kind, masked_output) for regime in regimes)
    return tuple(
        assemble(config, choice, seeded(seed, 97), origin="") for seed, choice in enumerate(choices)
    )


def with_small_outputs(case: Case) -> Case:
    """The last of the probes with all numbers but W and U times SMALL: tanh z is nearly z."""
    return _with_small_outputs(probes(case)[-1])


@lru_cache(maxsize=16)
def _with_small_outputs(probe: Case) -> Case:
    weights = tuple(replace(cell, **_scaled(cell, "b_W", "b_U")) for cell in probe.weights)
    return replace(probe, weights=weights, **_scaled(probe, "inputs", "h_0", "c_0"), origin="")


def _scaled(item: Case | CellWeights, *names: str) -> dict[str, Any]:
    arrays = {name: getattr(item, name) for name in names}
    return {name: SMALL * array for name, array in arrays.items() if array is not None}


@lru_cache(maxsize=64)
def poorer(probe: Case) -> tuple[Case, ...]:
    """The same from zero states, then also without a bias that is added with U h."""
    zeros = from_zeros(probe)
    return zeros, without_recurrent_bias(zeros)


def without_recurrent_bias(case: Case) -> Case:
    """The same case without a bias that is added with U h."""
    weights = tuple(replace(cell, b_U=np.zeros_like(cell.b_U)) for cell in case.weights)
    return replace(case, weights=weights, origin="")


@lru_cache(maxsize=16)
def first_steps(probe: Case) -> tuple[Case, ...]:
    """The first step of a probe: of its inputs alone, of its states alone, of its biases alone.

    The other arrays are zeros; where it has a mask, it counts in every row.
    """
    step = probe.first_steps(1)
    mask = None if step.mask is None else np.ones_like(step.mask)
    alone = partial(_alone, replace(step, mask=mask, origin=""))
    return alone("inputs", "W"), alone("h_0", "c_0", "U"), alone("b_W", "b_U")


def _alone(case: Case, *names: str) -> Case:
    """The case with zeros in all arrays but those of these names."""

    def zeros(item: Case | CellWeights, *arrays: str) -> dict[str, Any]:
        values = {name: getattr(item, name) for name in arrays if name not in names}
        return {name: np.zeros_like(one) for name, one in values.items() if one is not None}

    weights = tuple(replace(cell, **zeros(cell, *WEIGHTS)) for cell in case.weights)
    return replace(case, weights=weights, **zeros(case, "inputs", "h_0", "c_0"))


@lru_cache(maxsize=4096)
def on_probe(probe: Case, edits: Edits) -> Outputs:
    """Runs the loop with these edits, once: each diagnosis asks for every mistake's outputs."""
    return run(probe, edits)
