"""Chapters 3 and 4: the same sequence from everyone, against what right arithmetic can give."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from harness.draw.bits import seeded
from harness.draw.example import notebook_case
from harness.draw.generate import Choices, assemble
from harness.judge.certificate import certify
from harness.judge.judge import judge
from harness.judge.observe import Implementation
from references.case import Case, CellWeights, Config
from references.numpy_rnn import run as loop


class Other(NamedTuple):
    """One implementation beside the loop, over one case of one row."""

    sequence: np.ndarray  # (T, H)
    difference: np.ndarray  # (T,) from the loop's own sequence, the largest over the units
    share: np.ndarray  # (T,) of what is allowed in each step alone, the largest over the units
    band: np.ndarray  # (T,) what is allowed in each step alone, the least over the units
    worst_ratio: float  # the largest share of all
    agrees: bool
    equal: int  # outputs equal to the loop's, bit for bit


class Together(NamedTuple):
    """The loop's sequence and everyone else's."""

    case: Case
    loop: np.ndarray  # (T, H)
    ulp: np.ndarray  # (T,) one unit in the last place, the largest over the units
    others: Mapping[str, Other]


def together(case: Case, implementations: Mapping[str, Implementation]) -> Together:
    """Runs everyone on a case of one layer and one row, and judges each step from the implementation's own state."""
    expected = loop(case).sequence[0]
    ulp = np.spacing(np.abs(expected)).max(axis=1)
    return Together(
        case,
        expected,
        ulp,
        {title: _other(case, expected, run) for title, run in implementations.items()},
    )


def _other(case: Case, expected: np.ndarray, run: Implementation) -> Other:
    observed = np.asarray(getattr(outputs := run(case), "sequence", outputs))
    (certificate,) = certify(case, [observed])
    allowed = certificate.enclosure
    verdict = judge(case, lambda _: observed, calls=1)
    stepwise = np.abs(certificate.actual.astype(np.float64) - allowed.centre)
    share = np.divide(
        stepwise, allowed.radius, out=np.where(stepwise > 0, np.inf, 0.0), where=allowed.radius > 0
    )
    return Other(
        observed[0],
        np.abs(observed[0].astype(np.float64) - expected).max(axis=1),
        share[0].max(axis=1),
        allowed.radius[0].min(axis=1),
        verdict.worst_ratio,
        verdict.kind == "agrees",
        int(np.count_nonzero(observed[0] == expected)),
    )


def scaled(dtype: str) -> Case:
    """The notebook's example on scaled numbers."""
    return notebook_case(True, dtype, seed=0)


def ternary() -> Case:
    """A network of -1, 0 and 1 in which no operation rounds."""
    choices = Choices(24, 1, "ternary", False, "none", "repeat")
    return assemble(Config(4, 12), choices, seeded(7), origin="")


def chaotic() -> Case:
    """A recurrent matrix strong enough that the smallest difference grows from step to step."""
    H, I, T = 32, 4, 100
    bits = seeded(7, 4)
    U = 4 * np.sqrt(3 / H) * bits.fractions(24, H, H)
    W, b, inputs = (
        bits.fractions(24, H, I) / 2,
        bits.fractions(24, H) / 4,
        bits.fractions(24, 1, T, I),
    )
    return Case(
        Config(I, H),
        (CellWeights(*(a.astype("float32") for a in (W, U, b))),),
        inputs.astype("float32"),
    )
