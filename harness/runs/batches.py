"""Divides a run into blocks: some cases of a stream, for implementations that share a framework."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.draw.generate import cases_at, config_at
from harness.draw.limits import Limits
from harness.implementations.remote import Remote
from harness.judge import judge as judge_module
from harness.judge.calls.observe import Implementation
from harness.judge.calls.seal import Sealed, opened, sealed
from harness.judge.calls.second_calls import SECOND_CALLS, Change
from harness.judge.judge import Answer, called_cases
from harness.judge.verdict import Verdict
from harness.runs.values import Values, values_of

if TYPE_CHECKING:  # a worker starts without the ledger
    from harness.runs.ledger import Difference

EARLY = 1000  # cases at the start of a run, which are examined more closely
# Cases of a block. The implementations take turns by block: that uses caches better than by case.
SIZE = 50
STRIDE = 8  # of so many early cases one is called twice, later fewer


class Row(NamedTuple):
    """Holds a verdict and its case's number in the stream.

    Only a failure's verdict has its case; the others can be drawn again.
    """

    at: int
    verdict: Verdict
    values: Values = frozenset()  # of the case
    again: Change | None = None  # what was different in a second call; None where there was none


class Turn(NamedTuple):
    """Holds a case by its number in the stream, and what is different in a second call, if any."""

    at: int
    seal: Sealed
    again: Change | None


@dataclass(frozen=True)
class Block:
    """Names the cases of one block, and the implementations that are judged on them.

    The cases are those at `indices` of the stream of `seed` within `limits`.
    """

    names: tuple[str, ...]
    indices: tuple[int, ...]
    seed: int
    limits: Limits
    # name -> it is judged on one case in so many; on all if its name is absent
    every: Mapping[str, int]
    skip: frozenset[tuple[str, int]] = frozenset()  # pairs of name and index that ended a process
    # name -> see `second_call`; STRIDE if its name is absent
    strides: Mapping[str, int] = field(default_factory=dict)
    own: "tuple[Difference, ...]" = ()  # known deviations of the user's with an activation error


def blocks(
    names: Sequence[str],
    indices: Sequence[int],
    seed: int,
    limits: Limits,
    every: Mapping[str, int],
    strides: Mapping[str, int],
    own: "tuple[Difference, ...]" = (),
) -> Iterator[Block]:
    """Yields blocks of these cases, for the implementations of one framework.

    The first cases are sorted by what they compute, so that one process prepares each kind.
    """
    order = sorted(indices[:EARLY], key=lambda index: repr(config_at(index, seed, limits).kind))
    for part in chain(_batched(order), _batched(indices[EARLY:])):
        yield Block(tuple(names), part, seed, limits, every, strides=strides, own=own)


def second_call(index: int, stride: int = STRIDE) -> Change | None:
    """Returns what is different in the second call that follows on one case in `stride`, or None.

    It proves that nothing stays from call to call. After the first EARLY cases it follows on fewer.
    """
    stride *= 1 if index < EARLY else STRIDE
    return None if index % stride else tuple(SECOND_CALLS)[index // stride % len(SECOND_CALLS)]


def judge_block(
    block: Block,
    implementations: Mapping[str, Implementation],
    before: Callable[[str, int], None] = lambda name, index: None,
    judge: Any = judge_module,
) -> Iterator[Row]:
    """Yields the block's verdicts, one implementation after the other.

    Calls `before` with the name and the index before each call and each verdict. `judge` is the
    module that judges, that of `harness.judge.shared_process` for code in the judge's process.
    """
    cases = cases_at(block.indices, block.seed, block.limits)
    seals = tuple(zip(block.indices, map(sealed, cases), strict=True))

    def answers_of(name: str, run: Implementation) -> Iterator[tuple[int, Answer]]:
        turns = tuple(_turns(block, name, seals))
        if isinstance(run, Remote) and run.prepare:
            _prepare(run.prepare, turns, partial(before, name))
        for index, seal, again in turns:
            before(name, index)
            options = {"again": again} if again else {"calls": 1}
            yield index, judge.ask(seal, run, name, **options)

    def watched(name: str, answers: Sequence[tuple[int, Answer]]) -> Iterator[Answer]:
        for index, answer in answers:
            before(name, index)
            yield answer

    for name in block.names:
        # First all calls, then all verdicts: the code of both does not fit into the caches. What
        # an implementation can reach by then is a tuple, which it cannot change.
        answers = tuple(answers_of(name, implementations[name]))
        verdicts = judge.verdicts_on(watched(name, answers))
        for (index, answer), verdict in zip(answers, verdicts, strict=True):
            if not verdict.is_failure:
                verdict = replace(verdict, case=None)
            if verdict.judge_again:
                verdict = _settle(verdict, block.own)
            again = answer.again if answer.second else None
            yield Row(index, verdict, values_of(answer.own), again)


def _settle(verdict: Verdict, own: "tuple[Difference, ...]") -> Verdict:
    from harness.runs.ledger import settle  # for failures alone

    return settle(verdict, own)


def _turns(block: Block, name: str, seals: Iterable[tuple[int, Sealed]]) -> Iterator[Turn]:
    """Yields the cases on which the implementation is judged."""
    for index, seal in seals:
        if index % block.every.get(name, 1) == 0 and (name, index) not in block.skip:
            yield Turn(index, seal, second_call(index, block.strides.get(name, STRIDE)))


def _prepare(
    prepare: Callable[..., None], turns: Sequence[Turn], before: Callable[[int], None]
) -> None:
    """Has a program run on all that the judge will call with; `before` takes a case's index."""
    pairs = [
        (turn.at, case) for turn in turns for case in called_cases(opened(turn.seal), turn.again)
    ]
    prepare([case for _, case in pairs], lambda position: before(pairs[position][0]))


def _batched(indices: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return (tuple(indices[start : start + SIZE]) for start in range(0, len(indices), SIZE))
