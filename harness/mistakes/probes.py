"""Exact cases on which mistakes look different: no two sizes alike, dense numbers, no rounding."""

from dataclasses import replace

from harness.draw.bits import seeded
from harness.draw.generate import Choices, assemble
from harness.draw.limits import EXACT_REGIMES, REGIMES
from references.case import Case

SEEDS = (0, 1)


def probes(case: Case) -> tuple[Case, ...]:
    """Cases with the same Config but for the sizes, and with a mask where the case has one.

    They are exact where the activation allows it.
    """
    config = replace(case.config, hidden_size=6, input_size=4)
    exact = [name for name in EXACT_REGIMES if config.nonlinearity in REGIMES[name]]
    regimes = exact or ["contracting"]
    mask_kind = "none" if case.mask is None else "random"
    choices = (
        Choices(7, 3, regimes[seed % len(regimes)], True, mask_kind, case.masked_output)
        for seed in SEEDS
    )
    return tuple(
        assemble(config, choice, seeded(seed, 97), origin="")
        for seed, choice in zip(SEEDS, choices, strict=True)
    )
