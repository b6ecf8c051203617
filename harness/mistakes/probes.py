"""Exact cases on which mistakes look different: no two sizes alike, dense numbers, no rounding."""

from dataclasses import replace

from harness.draw.bits import seeded
from harness.draw.generate import Choices, assemble
from harness.draw.limits import EXACT_REGIMES, REGIMES
from references.case import Case

SEEDS = (0, 1)
LAYERS = 3  # as many as any case that is drawn has; more would take long, and show the same
ROUNDED = "contracting"  # too few bits leave nothing that is decided of the exact probes


def probes(case: Case) -> tuple[Case, ...]:
    """Cases with the same Config but for the sizes, and with a mask where the case has one.

    They have LAYERS at most. Where the activation allows it, they are exact, but for the last.
    """
    config = replace(
        case.config, hidden_size=6, input_size=4, num_layers=min(LAYERS, case.config.num_layers)
    )
    exact = [name for name in EXACT_REGIMES if config.nonlinearity in REGIMES[name]]
    regimes = [(exact or [ROUNDED])[seed % max(len(exact), 1)] for seed in SEEDS]
    regimes += [ROUNDED] if exact else []
    mask_kind = "none" if case.mask is None else "random"
    choices = (Choices(7, 3, regime, True, mask_kind, case.masked_output) for regime in regimes)
    return tuple(
        assemble(config, choice, seeded(seed, 97), origin="") for seed, choice in enumerate(choices)
    )
