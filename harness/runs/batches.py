"""Divides a run into blocks: some cases of a stream, for implementations that share a framework."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from harness.draw.generate import cases_at, config_at
from harness.draw.limits import Limits
from harness.judge.judge import ask, verdict_on
from harness.judge.observe import Implementation
from harness.judge.verdict import Verdict

EARLY = 1000  # cases at the start of a run, which are examined more closely
# Cases of a block. The implementations take turns by block: that uses caches better than by case.
SIZE = 50


class Row(NamedTuple):
    """Holds a verdict and its case's number in the stream.

    Only a failure's verdict has its case; the others can be drawn again.
    """

    at: int
    verdict: Verdict


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


def blocks(
    names: Sequence[str], examples: int, seed: int, limits: Limits, every: Mapping[str, int]
) -> Iterator[Block]:
    """Yields the blocks of a whole run, for the implementations of one framework.

    The first cases are sorted by what they compute, so that one process prepares each kind.
    """
    sort = min(examples, EARLY)
    order = sorted(range(sort), key=lambda index: repr(config_at(index, seed, limits).kind))
    for indices in chain(_batched(order), _batched(range(sort, examples))):
        yield Block(tuple(names), indices, seed, limits, every)


def called_twice(index: int) -> bool:
    """Tells whether a second call with other weights follows: on every eighth case, later on fewer.

    It proves that nothing stays from call to call.
    """
    return index % (8 if index < EARLY else 64) == 0


def judge_block(
    block: Block,
    implementations: Mapping[str, Implementation],
    before: Callable[[str, int], None] = lambda name, index: None,
) -> Iterator[Row]:
    """Yields the block's verdicts, one implementation after the other.

    Calls `before` with the name and the index before each call and each verdict.
    """
    cases = list(zip(block.indices, cases_at(block.indices, block.seed, block.limits), strict=True))
    for name in block.names:
        # First all calls, then all verdicts: the code of both does not fit into the caches.
        answers = []
        for index, case in cases:
            if index % block.every.get(name, 1) == 0 and (name, index) not in block.skip:
                before(name, index)
                calls = 1 + called_twice(index)
                answers.append((index, ask(case, implementations[name], name, calls=calls)))
        for index, answer in answers:
            before(name, index)
            verdict = verdict_on(answer)
            if verdict.kind not in ("differs", "crashed"):
                verdict = replace(verdict, case=None)  # type: ignore[arg-type]
            yield Row(index, verdict)


def _batched(indices: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return (tuple(indices[start : start + SIZE]) for start in range(0, len(indices), SIZE))
