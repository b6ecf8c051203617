"""Exact cases on which mistakes look different: every size different, dense numbers, no arithmetic that rounds."""

from dataclasses import replace

from harness.draw.bits import seeded
from harness.draw.generate import assemble
from harness.draw.limits import EXACT_REGIMES, REGIMES
from references.case import Case, Config

SEEDS = (0, 1)


def probes(case: Case) -> tuple[Case, ...]:
    """Cases of the same Config but for the sizes, with a mask where the case has one; exact where its activation allows."""
    config = replace(case.config, hidden_size=6, input_size=4)
    regimes = [name for name in EXACT_REGIMES if config.nonlinearity in REGIMES[name]] or [
        "contracting"
    ]
    return tuple(_probe(config, case, regimes[seed % len(regimes)], seed) for seed in SEEDS)


def _probe(config: Config, case: Case, regime: str, seed: int) -> Case:
    return assemble(
        config,
        batch=3,
        time=7,
        regime=regime,
        with_state=True,
        mask_kind="none" if case.mask is None else "random",
        masked_output=case.masked_output,
        bits=seeded(seed, 97),
        origin="",
    )
