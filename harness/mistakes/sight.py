"""What cases could have seen: which mistakes they would have caught, how soon, and why they missed the others."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from references.case import Case
from references.numpy_rnn import run as loop

# Mistakes that any case which is meant to show something must see, where they apply.
PLAIN = (
    "U transposed",
    "U identity",
    "W units reversed",
    "features permuted",
    "bias dropped",
    "b_U dropped",
    "initial state ignored",
    "time reversed",
)
TRIES = 40  # applicable cases tried for each mistake before it counts as unseen


class BlindCase(UserWarning):
    """A case agreed, but a plain mistake would have gone unnoticed on it."""


@dataclass(frozen=True)
class Sight:
    """Of the mistakes that apply to the cases: which were seen, and at the how-manieth case first."""

    seen: dict[str, int]  # name -> how many applicable cases it took
    unseen: dict[str, str]  # name -> why, as far as can be told
    tried: int  # judgements made to find out

    @property
    def applicable(self) -> int:
        """How many mistakes apply to at least one case."""
        return len(self.seen) + len(self.unseen)

    @property
    def median(self) -> float:
        """Median number of cases to the first catch."""
        return float(np.median(list(self.seen.values()))) if self.seen else 0.0

    @property
    def _soon(self) -> str:
        return (
            "on the first that could show them"
            if self.median <= 1
            else f"within {self.median:.0f} that could show them"
        )

    @property
    def blind(self) -> bool:
        """Whether a plain mistake, or half of all that apply, would have gone unnoticed."""
        return any(name in PLAIN for name in self.unseen) or len(self.unseen) > len(self.seen)

    def __str__(self) -> str:
        if not self.applicable:
            return "no case to see anything on"
        caught = f"{len(self.seen)} of {self.applicable} known mistakes"
        text = f"these cases would have caught {caught}, half of them {self._soon}"
        by_reason: dict[str, list[str]] = {}
        for name, reason in self.unseen.items():
            by_reason.setdefault(reason, []).append(name)
        return text + "".join(
            f"; not {', '.join(names)}: {reason}" for reason, names in by_reason.items()
        )


def sight(cases: Iterable[Case], tries: int = TRIES) -> Sight:
    """Plants each mistake in the loop and judges it on the cases to which it applies, until it is caught or `tries` have passed."""
    cases = list(cases)
    seen: dict[str, int] = {}
    unseen: dict[str, str] = {}
    count = 0
    for mistake in MISTAKES:
        applicable = list(islice(filter(mistake.applies, cases), tries))
        run = mistake.plant()
        for number, case in enumerate(applicable, 1):
            count += 1
            if judge(case, run, mistake.name, calls=2 if mistake.stateful else 1).kind != "agrees":
                seen[mistake.name] = number
                break
        else:
            if applicable:
                unseen[mistake.name] = why(applicable)
    return Sight(seen, unseen, count)


def blindness(case: Case) -> str:
    """A sentence where a plain mistake would have gone unnoticed on this case, else nothing."""
    missed = [
        name
        for name in PLAIN
        if BY_NAME[name].applies(case)
        and judge(case, BY_NAME[name].plant(), calls=1).kind == "agrees"
    ]
    return (
        f"This case agrees, but it would also agree with {', '.join(missed)}: {why([case])}."
        if missed
        else ""
    )


def why(cases: Sequence[Case]) -> str:
    """What these cases have in common that hides mistakes."""
    reasons: dict[str, Callable[[Case], bool]] = {
        "the outputs are saturated": _saturated,
        "U is symmetric": lambda case: all(
            np.array_equal(cell.U, cell.U.T) for cell in case.weights
        ),
        "the weights are constant": lambda case: all(
            np.ptp(cell.W) == 0 and np.ptp(cell.U) == 0 for cell in case.weights
        ),
        "the bias is zero": lambda case: (
            not any(cell.b_W.any() or cell.b_U.any() for cell in case.weights)
        ),
        "the initial state is zero": lambda case: not case.h_0.any(),
        "there is one time step": lambda case: case.time == 1,
        "there is one unit": lambda case: case.config.hidden_size == 1,
        "the inputs are all the same": lambda case: (
            case.inputs.size > 1 and bool(np.ptp(case.inputs) == 0)
        ),
        "the outputs are all zero": lambda case: not loop(case).sequence.any(),
    }
    found = [reason for reason, holds in reasons.items() if all(holds(case) for case in cases)]
    return (
        " and ".join(found)
        or f"too small a change on {len(cases)} case{'s' if len(cases) > 1 else ''}"
    )


def _saturated(case: Case) -> bool:
    return case.config.nonlinearity == "tanh" and bool(
        np.mean(np.abs(loop(case).sequence) == 1) > 0.5
    )
