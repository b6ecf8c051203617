"""Runs one shard in a worker process: a table comes out, and nothing else is written."""

import base64
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import psutil

from harness.campaign.coverage import Coverage
from harness.campaign.plan import Plan, Shard
from harness.campaign.tally import Tally
from harness.campaign.versions import versions
from harness.draw.features import classes
from harness.draw.generate import cases_at, choices_at, origin_at
from harness.draw.limits import Limits
from harness.draw.saved import read_case
from harness.implementations.remote import Remote
from harness.implementations.resolve import claim
from harness.implementations.side_effects import watch
from harness.judge.calls.observe import Implementation
from harness.judge.judge import ask, verdict_on
from harness.judge.verdict import Verdict
from harness.processes.here import here_is, still_here
from harness.runs.batches import SIZE, Block, Row, judge_block
from harness.runs.deviations import Deviation, bounded, deviation_of
from harness.runs.failures import DEATHS, ended_process
from harness.runs.ledger import settle
from harness.runs.reach import sizes_of
from harness.runs.worker import implementation_of
from references.case import Case


@dataclass(frozen=True)
class Task:
    """A shard, and the feedback from earlier ones."""

    plan: Plan
    shard: Shard
    sub_limits: Mapping[str, Any]  # within which a steered shard draws
    without: frozenset[str]  # implementations that are judged no more


@dataclass(frozen=True)
class Death:
    """What ended a process in an earlier try of the shard."""

    name: str
    at: int  # the case's index
    how: str


def examples(plan: Plan) -> list[Case]:
    """The plan's saved cases."""
    return [
        read_case("an example of the plan's", base64.b64decode(text))[0] for text in plan.examples
    ]


def case_of(plan: Plan, at: Mapping[str, Any]) -> Case:
    """The case that a table tells; the saved ones count down from -1."""
    index = at["case"]
    return (
        examples(plan)[~index]
        if index < 0
        else next(cases_at([index], plan.seed, plan.allowed(at["part"])))
    )


def judge_shard(task: Task, deaths: tuple[Death, ...]) -> dict[str, Any]:
    """The shard's result. Raises NotFound or NotInstalled."""
    versions()  # before any code of the user's
    plan, shard, allowed = task.plan, task.shard, task.plan.allowed(task.sub_limits)
    before = partial(_before, shard.names)
    choices = plan.allowed().choices
    implementations = {name: under_watch(name, choices) for name in shard.names}
    versions(shard.names)  # of what was loaded, whatever becomes of the files
    ends = {name: -1 if name in task.without else _end(name, deaths) for name in shard.names}
    every = dict.fromkeys(shard.names, 1) if shard.kind == "examples" else plan.implementations
    cases = range(shard.start, shard.stop)
    indices = {name: [i for i in cases if i % every[name] == 0] for name in shard.names}
    omissions = {(name, i) for name, end in ends.items() for i in indices[name] if i > end}
    dead = {(death.name, death.at) for death in deaths}
    skip = frozenset(omissions | dead)
    if shard.kind == "examples":
        rows = _examples(plan, implementations, skip, before)
    else:
        rows = _drawn(
            plan, implementations, sorted(set().union(*indices.values())), allowed, skip, before
        )
    tallies, coverage = _add_up(task, chain(_deaths(task, deaths), rows), allowed)
    for name, tally in tallies.items():
        tally.left_out = sum(own == name for own, _ in omissions - dead)
    return {
        "tables": {name: tally.to_json() for name, tally in tallies.items()},
        "coverage": coverage.bits(),
        "versions": versions(shard.names),
        "memory": psutil.Process().memory_info().rss,
        "part": dict(task.sub_limits),
    }


def _before(names: Sequence[str], name: str, index: int) -> None:
    here_is(names.index(name), index)


def under_watch(name: str, choices: Mapping[str, Any]) -> Implementation:
    """The implementation, each call of which is watched for side effects.

    Of a notebook's function these choices say what it computes, see `claim`.
    """
    run = claim(implementation_of(name), choices)
    return run.but(watch=True) if isinstance(run, Remote) else watch(run)


def _add_up(task: Task, rows: Iterable[Row], allowed: Limits) -> tuple[dict[str, Tally], Coverage]:
    """Counts the verdicts of each implementation, and the pairs of features that they met."""
    plan, names, deviations = task.plan, task.shard.names, task.plan.own_deviations()
    tallies, coverage = {name: Tally(name) for name in names}, Coverage(names, plan.allowed())
    for index, verdict, *_ in rows:
        tally = tallies[verdict.implementation]
        own = deviation_of(verdict, deviations)
        if task.shard.kind == "examples":
            at = {"case": ~index, "part": {}, "rebuild": "one of the saved cases"}
            tally.count(verdict, at, own=own)
            _try(deviations, plan, verdict, at, tally)
            continue
        wall = plan.wall_at(index)
        part = wall.limits if wall else task.sub_limits
        within = plan.allowed(part) if wall else allowed
        rebuild = origin_at(index, plan.seed, within)
        choices = choices_at(index, plan.seed, within)
        features = classes(*choices)
        at = {"case": index, "part": dict(part), "rebuild": rebuild}
        tally.count(verdict, at, features, own)
        _try(deviations, plan, verdict, at, tally)
        if verdict.kind == "agrees":
            cell = choices[0].cell
            tally.reaches(cell, sizes_of(*choices), wall.name if wall else "")
        coverage.add(verdict, features)
    return tallies, coverage


def _try(
    deviations: Iterable[Deviation],
    plan: Plan,
    verdict: Verdict,
    at: Mapping[str, Any],
    tally: Tally,
) -> None:
    """Counts an agreement where a known deviation of the user's predicts another verdict."""
    name = verdict.implementation
    own = [one for one in deviations if one.concerns(name)]
    if own and verdict.kind == "agrees":
        case = case_of(plan, at)
        tally.against.update(one.entry.id for one in own if one.predicts(name, case))


def _drawn(
    plan: Plan,
    implementations: Mapping[str, Implementation],
    indices: list[int],
    allowed: Limits,
    skip: frozenset[Any],
    before: Any,
) -> Iterator[Row]:
    large = {index: wall for index in indices if (wall := plan.wall_at(index))}
    plain = [index for index in indices if index not in large]
    parts = [(plain[first : first + SIZE], allowed) for first in range(0, len(plain), SIZE)]
    parts += [([index], plan.allowed(wall.limits)) for index, wall in large.items()]
    entries = bounded(plan.own_deviations())
    for own, within in parts:
        still_here()  # if cases cannot be drawn, it is due to what was called last
        names = tuple(implementations)
        block = Block(names, tuple(own), plan.seed, within, plan.implementations, skip, own=entries)
        yield from judge_block(block, implementations, before)
    still_here()


def _examples(
    plan: Plan, implementations: Mapping[str, Implementation], skip: frozenset[Any], before: Any
) -> Iterator[Row]:
    for index, case in enumerate(examples(plan)):
        for name, implementation in implementations.items():
            if (name, index) not in skip:
                before(name, index)
                verdict = verdict_on(ask(case, implementation, name))
                yield Row(index, settle(verdict, bounded(plan.own_deviations())))


def _deaths(task: Task, deaths: tuple[Death, ...]) -> Iterator[Row]:
    for death in deaths:
        at = {"case": ~death.at, "part": task.sub_limits}
        if task.shard.kind != "examples":
            wall = task.plan.wall_at(death.at)
            at = {"case": death.at, "part": wall.limits if wall else task.sub_limits}
        case = case_of(task.plan, at)
        yield Row(death.at, ended_process(death.name, case, death.how))


def _end(name: str, deaths: tuple[Death, ...]) -> float:
    """The case after which the implementation is judged on no more of the shard's, or infinity."""
    ends = sorted(death.at for death in deaths if death.name == name)
    return ends[DEATHS - 1] if len(ends) >= DEATHS else math.inf
