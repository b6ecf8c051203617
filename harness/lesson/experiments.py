"""Chapters 3 and 4: one case computed by everyone, against what right arithmetic can give."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from harness.draw.bits import seeded
from harness.draw.choices import Choices
from harness.draw.generate import assemble
from harness.judge.calls.observe import Implementation
from harness.judge.certificate import certify
from harness.judge.judge import judge
from references.case import Case, Config
from references.numpy_rnn import run as loop


class Outcome(NamedTuple):
    """One implementation beside the loop, on the one row of a case."""

    sequence: np.ndarray  # (T, H)
    difference: np.ndarray  # (T,) from the loop's own sequence, the largest over the units
    share: np.ndarray  # (T,) of what is allowed in each step alone, the largest over the units
    allowed: np.ndarray  # (T, H) in each step alone
    worst_ratio: float  # the largest share of all
    agrees: bool
    equal: int  # how many outputs are bit-identical with the loop's

    @property
    def band(self) -> np.ndarray:
        """(T,) what is allowed in each step alone, the least over the units."""
        return np.asarray(self.allowed.min(axis=1))

    @property
    def different(self) -> int:
        """How many outputs are not bit-identical with the loop's."""
        return self.sequence.size - self.equal


class Experiment(NamedTuple):
    """A case of one layer and one row, the loop's sequence, and everyone else's by title."""

    case: Case
    loop: np.ndarray  # (T, H)
    ulp: np.ndarray  # (T,) one unit in the last place, the largest over the units
    outcomes: Mapping[str, Outcome]

    def largest(self, field: str) -> float:
        """The largest number in this field of all outcomes."""
        return max(float(np.max(getattr(one, field))) for one in self.outcomes.values())


def experiment(case: Case, implementations: Mapping[str, Implementation]) -> Experiment:
    """Runs everyone on a case and judges each step from the implementation's own state."""
    sequence = loop(case).sequence[0]
    ulp = np.spacing(np.abs(sequence)).max(axis=1)
    outcomes = {title: _outcome(case, sequence, run) for title, run in implementations.items()}
    return Experiment(case, sequence, ulp, outcomes)


def _outcome(case: Case, expected: np.ndarray, run: Implementation) -> Outcome:
    outputs = run(case)
    observed = np.asarray(getattr(outputs, "sequence", outputs))
    (certificate,) = certify(case, [observed])
    centre, radius, _ = certificate.enclosure
    stepwise = np.abs(certificate.actual.astype(np.float64) - centre)
    no_room = np.where(stepwise > 0, np.inf, 0.0)
    share = np.divide(stepwise, radius, out=no_room, where=radius > 0)
    verdict = judge(case, lambda _: outputs, calls=1)
    return Outcome(
        observed[0],
        np.abs(observed[0].astype(np.float64) - expected).max(axis=1),
        share[0].max(axis=1),
        radius[0],
        verdict.worst_ratio,
        verdict.kind == "agrees",
        int(np.count_nonzero(observed[0] == expected)),
    )


def ternary() -> Case:
    """A network of -1, 0 and 1 in which no operation rounds."""
    return _case(Config(4, 12), 24, "ternary", seed=7)


def chaotic() -> Case:
    """A network in which the smallest difference grows from step to step."""
    return _case(Config(4, 32), 100, "chaotic", seed=17)


def _case(config: Config, time: int, regime: str, seed: int) -> Case:
    choices = Choices(time, 1, regime, False, "none", "repeat")
    return assemble(config, choices, seeded(seed), origin="")
