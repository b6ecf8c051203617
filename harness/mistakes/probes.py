"""Exact cases on which mistakes look different: no two sizes alike, dense numbers, no rounding."""

from dataclasses import replace

from harness.draw.bits import seeded
from harness.draw.generate import assemble
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
    return tuple(
        assemble(
            config,
            batch=3,
            time=7,
            regime=regimes[seed % len(regimes)],
            with_state=True,
            mask_kind="none" if case.mask is None else "random",
            masked_output=case.masked_output,
            bits=seeded(seed, 97),
            origin="",
        )
        for seed in SEEDS
    )
