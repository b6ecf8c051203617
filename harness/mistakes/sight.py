"""Sight: the mistakes that cases would have caught, how soon, and why they miss the others."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from harness.draw.limits import Limits
from harness.judge.calls.second_calls import Change, other_weights
from harness.judge.judge import judge
from harness.mistakes.catalogue import BY_NAME, of_cells
from harness.mistakes.mistake import Mistake, Run
from harness.mistakes.together import caught_early, caught_together
from harness.printable import how_many
from references.case import Case
from references.numpy_rnn import run as loop

# Mistakes that any case worth running must catch, where they apply.
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
TRIES = 40  # applicable cases on which a mistake is planted before it counts as missed


Call = tuple[Case, Change | None]
Pair = tuple[int, str]  # a case's id and a mistake's name


class Cache(NamedTuple):
    """What is known of cases, which must be the same objects each time."""

    changes: dict[Pair, bool]  # whether the mistake changes the case
    caught: dict[Pair, bool]


class BlindCase(UserWarning):
    """A case agreed, but it would also agree with a plain mistake."""


@dataclass(frozen=True)
class Sight:
    """The mistakes that apply to some cases: those that they catch, and those that they miss."""

    caught: dict[str, int]  # name -> the number of applicable cases that it took
    missed: dict[str, str]  # name -> why, as far as the cases tell
    judgements: int  # made to find out
    untried: tuple[str, ...] = ()  # those that change nothing on any case

    @property
    def applicable(self) -> int:
        """The number of mistakes that apply to at least one case."""
        return len(self.caught) + len(self.missed)

    @property
    def median(self) -> float:
        """Median number of applicable cases to the first catch."""
        return float(np.median(list(self.caught.values()))) if self.caught else 0.0

    @property
    def blind(self) -> bool:
        """A plain mistake is missed, or more than half of all that apply."""
        return any(name in PLAIN for name in self.missed) or len(self.missed) > len(self.caught)

    def __str__(self) -> str:
        if not self.applicable:
            return "no known mistake applies to these cases"
        cases = "on the first applicable case"
        if self.median > 1:
            cases = f"within {self.median:.0f} applicable cases"
        by_reason: dict[str, list[str]] = {}
        for name, reason in self.missed.items():
            by_reason.setdefault(reason, []).append(name)
        caught = f"{len(self.caught)} of {self.applicable} known mistakes"
        rest = [f"; not {', '.join(names)}: {reason}" for reason, names in by_reason.items()]
        if self.untried:
            rest.append(f"; {len(self.untried)} more could not be tried")
        return f"these cases would have caught {caught}, half of them {cases}{''.join(rest)}"


def sight(
    cases: Iterable[Case],
    tries: int = TRIES,
    again: Iterable[Change | None] | None = None,
    cache: Cache | None = None,
    limits: Sequence[Limits] = (),
) -> Sight:
    """Plants each mistake of these cells and judges it on up to `tries` cases to which it applies.

    `again` says of each case what was different in a second call of the implementation, None where
    there was none; by default each had other weights. A mistake from call to call is judged alike.
    Calls on the same objects may share a `cache` of what they find. `limits` are of the run, and
    of the function: a property that they force on every case is no reason for a miss.
    """
    cases = list(cases)
    seconds = [other_weights] * len(cases) if again is None else again
    calls = list(zip(cases, seconds, strict=True))
    caught: dict[str, int] = {}
    missed: dict[str, str] = {}
    judgements, cache = 0, cache or Cache({}, {})
    mistakes = of_cells({case.config.cell for case, _ in calls})
    firsts = {mistake.name: next(_applicable(mistake, calls, cache), None) for mistake in mistakes}
    untried = [name for name, first in firsts.items() if first is None]
    _judge_together(mistakes, firsts, cache)
    for mistake in [one for one in mistakes if firsts[one.name]]:
        run, applicable = mistake.plant(), []
        for case, second in islice(_applicable(mistake, calls, cache), tries):
            applicable.append(case)
            judgements += 1
            if _catches(case, second, mistake, run, cache):
                caught[mistake.name] = len(applicable)
                break
        else:
            missed[mistake.name] = common_reason(applicable, limits)
    return Sight(caught, missed, judgements, tuple(untried))


def _catches(case: Case, second: Change | None, mistake: Mistake, run: Run, cache: Cache) -> bool:
    """Judges a mistake on a case, or looks it up; what keeps something is judged each time."""
    if mistake.stateful:
        return judge(case, run, mistake.name, 2, second or other_weights).kind != "agrees"
    key = id(case), mistake.name
    if key not in cache.caught:
        cache.caught[key] = judge(case, run, mistake.name, 1).kind != "agrees"
    return cache.caught[key]


def _judge_together(
    mistakes: Iterable[Mistake], firsts: Mapping[str, Call | None], cache: Cache
) -> None:
    """Caches what is caught by the first case that a mistake changes, at once for all of a case."""
    sharing: dict[Case, list[Mistake]] = {}
    for mistake in mistakes:
        first = None if mistake.stateful else firsts[mistake.name]
        if first and (id(first[0]), mistake.name) not in cache.caught:
            sharing.setdefault(first[0], []).append(mistake)
    for case, own in sharing.items():
        cache.caught.update(((id(case), name), True) for name in caught_together(case, own))


def _applicable(mistake: Mistake, calls: Iterable[Call], cache: Cache) -> Iterator[Call]:
    """Yields the cases that the mistake changes, without those in which nobody could see it."""
    changes, name, stateful = cache.changes, mistake.name, mistake.stateful
    for case, second in calls:
        key = id(case), name
        if key not in changes:
            changes[key] = mistake.applies(case)
        if changes[key] and (second or not stateful):
            yield case, second


# By case, which nobody can change: whatever is checked on it, eight mistakes are planted once.
_blindness: WeakKeyDictionary[Case, str] = WeakKeyDictionary()


def describe_blindness(case: Case) -> str:
    """A sentence that names the plain mistakes that this case misses; empty for none."""
    if case not in _blindness:
        _blindness[case] = _describe(case)
    return _blindness[case]


def _describe(case: Case) -> str:
    plain = [BY_NAME[name] for name in PLAIN if BY_NAME[name].applies(case)]
    caught = caught_early(case, plain)
    rest = [one for one in plain if one.name not in caught]
    missed = [one.name for one in rest if judge(case, one.plant(), calls=1).kind == "agrees"]
    if not missed:
        return ""
    names = ", ".join(missed)
    return f"This case agrees, but it would also agree with {names}: {common_reason([case])}."


def common_reason(cases: Sequence[Case], limits: Iterable[Limits] = ()) -> str:
    """The properties of all these cases that hide mistakes, but for those that limits force."""
    forced = {reason for own in limits for reason in _forced(own)}
    reasons = [
        reason
        for reason, holds in REASONS.items()
        if reason not in forced and all(map(holds, cases))
    ]
    return " and ".join(reasons) or f"too small a change on {how_many(len(cases), 'case')}"


def _forced(limits: Limits) -> tuple[str, ...]:
    """Names what is zero on every case within these limits."""
    zeros = {
        FROM_ZEROS: not limits.initial_states,
        UNBIASED: not any(limits.choices["bias"]),
    }
    return tuple(reason for reason, is_forced in zeros.items() if is_forced)


def _saturated(case: Case) -> bool:
    tanh = case.config.nonlinearity == "tanh"
    return tanh and bool(np.mean(np.abs(loop(case).sequence) == 1) > 0.5)


def _symmetric(case: Case) -> bool:
    gates = (U for cell in case.weights for U in np.split(cell.U, cell.gates))
    return all(np.array_equal(U, U.T) for U in gates)


def _constant(case: Case) -> bool:
    return all(np.ptp(cell.W) == 0 and np.ptp(cell.U) == 0 for cell in case.weights)


def _unbiased(case: Case) -> bool:
    return not any(cell.b_W.any() or cell.b_U.any() for cell in case.weights)


UNBIASED, FROM_ZEROS = "the bias is zero", "the initial state is zero"
REASONS: dict[str, Callable[[Case], bool]] = {
    "the outputs are saturated": _saturated,
    "U is symmetric": _symmetric,
    "the weights are constant": _constant,
    UNBIASED: _unbiased,
    FROM_ZEROS: lambda case: case.starts_from_zeros,
    "there is one time step": lambda case: case.time == 1,
    "there is one unit": lambda case: case.config.hidden_size == 1,
    "the inputs are all the same": lambda case: case.inputs.size > 1 and not np.ptp(case.inputs),
    "the outputs are all zero": lambda case: not loop(case).sequence.any(),
}
