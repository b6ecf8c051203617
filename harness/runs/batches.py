"""A block of work: some cases of a stream, judged for implementations that share a framework. What a worker is given."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from harness.draw.generate import cases_at, config_at
from harness.draw.limits import Limits
from harness.judge.judge import ask, verdict_on
from harness.judge.observe import Implementation
from harness.judge.verdict import Verdict

EARLY = 1000  # cases; the first ones of a run are looked at more closely
SIZE = 50  # cases; the implementations take turns block by block, which is kinder to caches than case by case


class Row(NamedTuple):
    """A verdict and the case's number in the stream. A verdict that is no failure has left its case behind: it can be drawn again."""

    at: int
    verdict: Verdict


@dataclass(frozen=True)
class Block:
    """The cases at these `indices` of the stream of `seed` within `limits`, for each of the implementations."""

    names: tuple[str, ...]
    indices: tuple[int, ...]
    seed: int
    limits: Limits
    every: Mapping[
        str, int
    ]  # name -> it is judged on one case in so many; on all where it is left out
    skip: frozenset[tuple[str, int]] = frozenset()  # pairs of name and index that ended a process


def blocks(
    names: Sequence[str], examples: int, seed: int, limits: Limits, every: Mapping[str, int]
) -> Iterator[Block]:
    """The whole of a run, for the implementations of one framework.

    The first cases are sorted by what they compute, so that what has to be prepared for each kind is prepared in one process.
    """
    sort = min(examples, EARLY)
    order = sorted(range(sort), key=lambda index: repr(config_at(index, seed, limits).kind))
    for indices in chain(_batched(order), _batched(range(sort, examples))):
        yield Block(tuple(names), indices, seed, limits, every)


def called_twice(index: int) -> bool:
    """Whether a second call with other weights follows, since nothing may stay from call to call: on every eighth case, later fewer."""
    return index % (8 if index < EARLY else 64) == 0


def judge_block(
    block: Block,
    implementations: Mapping[str, Implementation],
    before: Callable[[str, int], None] = lambda name, index: None,
) -> Iterator[Row]:
    """Its verdicts, one implementation after the other; `before` is called with name and index before each call and each verdict."""
    cases = list(zip(block.indices, cases_at(block.indices, block.seed, block.limits), strict=True))
    for name in block.names:
        answers = []  # first all calls, then all verdicts: the one's code does not drive the other's out of the caches
        for index, case in cases:
            if index % block.every.get(name, 1) == 0 and (name, index) not in block.skip:
                before(name, index)
                answers.append(
                    (index, ask(case, implementations[name], name, calls=1 + called_twice(index)))
                )
        for index, answer in answers:
            before(name, index)
            verdict = verdict_on(answer)
            failed = verdict.kind in ("differs", "crashed")
            yield Row(index, verdict if failed else replace(verdict, case=None))  # type: ignore[arg-type]


def _batched(indices: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return (tuple(indices[start : start + SIZE]) for start in range(0, len(indices), SIZE))
