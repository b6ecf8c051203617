"""What is judged in a comparison, and where: each subject on each set of weights that fits it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from harness.draw.inputs import cases_with
from harness.implementations.find import Unusable
from harness.judge.calls.recorded import recorded
from harness.judge.verdict import Verdict
from harness.models.recording import Inputs, Recording
from harness.models.relations import order_of
from harness.models.subject import (
    Results,
    Subject,
    equal_layer,
    fast_name,
    fits,
    judge_subject,
    read_subject,
    verdicts_of,
)
from harness.processes.process import Ended
from harness.runs.failures import DEATHS, NO_MORE_CALLS, ended_process
from harness.runs.findings import not_looked_for
from harness.runs.pool import Bounds, Pool, result_of
from references import REFERENCES
from references.case import Case, CellWeights, Config
from references.layer import Layer, Unreadable
from references.options import Contradiction, check_agreement

NUMBERS = 4e7  # of weights, in all drawn cases together
PRODUCTS = 4e9  # the same of products


class Side(NamedTuple):
    """A subject, and its layer where it is a model."""

    subject: Subject
    layer: Layer | None
    others: Mapping[str, Any] = MappingProxyType({})  # options of which it says something else


class Row(NamedTuple):
    """What is judged: a subject on cases of one set of weights."""

    name: str
    side: Side
    cases: Sequence[Case]
    own: bool  # its own weights, which its very layer has
    gates: tuple[str, ...] = ()  # the order in which the owner of these weights has them

    @property
    def way(self) -> str:
        """Under which name the ledger knows what computes it."""
        layer = self.side.layer
        if not layer or not layer.framework:
            return self.name
        return layer.framework if self.own else fast_name(layer.framework)


@dataclass(frozen=True)
class Workers:
    """Reads and runs what subjects name, each in a process of its own; objects in this one.

    Whoever ends them ends the pool first: the threads wait for what it is at.
    """

    pool: Pool
    bounds: Bounds
    threads: Executor  # two, for a side each

    def side(self, subject: Subject) -> Side:
        """Reads a model's layer, without options that say something else than it does.

        These are for the other side, see `check_options`. Raises what `read_layer` does, or
        Unusable.
        """
        if subject.kind != "model":
            return Side(subject, None)
        try:
            return Side(subject, self._layer(subject))
        except Contradiction as error:
            rest = {name: it for name, it in subject.options.items() if name not in error.options}
            subject = replace(subject, options=rest)
            return Side(subject, self._layer(subject), error.options)

    def _layer(self, subject: Subject) -> Layer:
        layer: Layer | Ended = self._call(subject, read_subject, subject)
        if isinstance(layer, Ended):
            raise Unusable(f"{subject.name} cannot be read: reading it {layer.how}")
        return layer

    def equal_layer(self, a: Side, b: Side) -> str:
        """Says where one model holds the arrays of the other's layer under another name."""
        for letter, option, side, other in (("A", "layer", a, b), ("B", "layer-b", b, a)):
            if side.layer and other.layer and side.layer.framework:
                name = self._call(side.subject, equal_layer, side.subject, other.layer)
                if isinstance(name, str) and name:
                    text = f"{other.subject.name} holds what {letter} has as {name}"
                    return f"{text}: compare that, with --{option} {name}."
        return ""

    def judge_all(self, work: Sequence[Row], recording: Recording | None) -> list[Results]:
        """Judges rows that follow each other: those of a side in turn, both sides at once."""
        sides = [list(own) for _, own in groupby(work, lambda row: row.side.subject.name)]
        results = self.threads.map(lambda own: [self.judge(row, recording) for row in own], sides)
        return [one for own in results for one in own]

    def judge(self, row: Row, recording: Recording | None) -> Results:
        """Judges a row; what ended its process on a case has crashed there, and is asked again."""
        side = row.side
        if side.subject.kind == "recording" and recording:
            run = recorded(row.cases[0], recording.outputs)
            return verdicts_of(row.name, run, row.cases)
        framework = side.layer.framework if side.layer else ""
        weights = None if row.own else (row.cases[0].config, row.cases[0].weights)
        cases, deaths, diagnose = [*row.cases], list[Verdict](), True
        while True:
            inputs = [Inputs.of(case) for case in cases]
            arguments = side.subject, framework, inputs, weights, diagnose
            answer: Results | Ended = self._call(side.subject, judge_subject, *arguments)
            if not isinstance(answer, Ended):
                break
            if answer.importing is not None or answer.at is None:
                raise Unusable(f"{side.subject.name} cannot be used: it {answer.how}")
            _, at = answer.at
            if at == len(cases):  # while its failure was diagnosed
                diagnose = False
                continue
            deaths.append(ended_process(row.name, cases.pop(at), answer.how))
            if len(deaths) == DEATHS or (answer.hung and at == 0) or not cases:
                why = not_looked_for(NO_MORE_CALLS, deaths[-1].reason)
                return Results(tuple(deaths), why, {}, untried=len(cases))
        pairs = zip(answer.verdicts, cases, strict=True)
        verdicts = [replace(one, implementation=row.name, case=case) for one, case in pairs]
        if deaths or not diagnose:
            why = not_looked_for(NO_MORE_CALLS, "; ".join(death.reason for death in deaths))
            answer = answer._replace(diagnosis=answer.diagnosis or why)
        return answer._replace(verdicts=(*verdicts, *deaths))

    def _call(self, subject: Subject, function: Callable[..., Any], *arguments: Any) -> Any:
        if subject.is_object:
            return function(*arguments)
        outcome, _ = self.pool.ask(subject.name, self.bounds, function, *arguments)
        return result_of(outcome)


def check_options(a: Side, b: Side) -> None:
    """Raises Unreadable for an option that no side takes."""
    for side, other in ((a, b), (b, a)):
        if side.layer:
            idle = {n: it for n, it in side.others.items() if not other.layer or n in other.others}
            try:
                check_agreement(side.layer.config, idle)
            except Contradiction as error:
                raise Unreadable(f"{side.subject.name}: {error}") from error


def rows(a: Side, b: Side, inputs: Inputs | None, examples: int, seed: int) -> Iterator[Row]:
    """Yields A and B on their own weights, then B on A's, or A on B's where A has none.

    Raises ValueError for no examples.
    """
    if examples < 1:
        raise ValueError(f"examples is {examples}, expected at least 1")
    cases_of: dict[str, list[Case]] = {}
    for side in (a, b):
        if side.layer:
            cases = _cases(side.layer.config, side.layer.weights, inputs, examples, seed)
            cases = _as_masked_by(side.layer, cases)
            cases_of[side.subject.name] = cases
            by_loop = "" if side.layer.framework else ", by the loop"
            yield Row(f"{side.subject.name}{by_loop}", side, cases, True)
    owner, other = (a, b) if a.layer else (b, a)
    assert owner.layer is not None
    cases = cases_of[owner.subject.name]
    if other.layer:
        cases = _as_masked_by(other.layer, cases)
    elif inputs and other.subject.kind == "recording":
        cases = [replace(case, masked_output=inputs.masked_output) for case in cases]
    if other.layer and other.layer.config.dtype != owner.layer.config.dtype:
        cases = in_dtype(cases, other.layer.config.dtype)
    if cases and (not other.layer or fits(owner.layer.config, other.layer.config)):
        name = f"{other.subject.name} on the weights of {owner.subject.name}"
        yield Row(name, other, cases, False, order_of(owner.layer))


def _as_masked_by(layer: Layer, cases: Sequence[Case]) -> list[Case]:
    """The cases with what this layer's framework puts out at masked steps."""
    if not layer.framework:
        return [*cases]
    output = REFERENCES[layer.framework].masked_outputs[layer.config.bidirectional]
    return [case if case.mask is None else replace(case, masked_output=output) for case in cases]


def in_dtype(cases: Sequence[Case], dtype: str) -> list[Case]:
    """Cases of the same weights, with every array rounded to another dtype.

    There are none where that has no such numbers.
    """
    config = replace(cases[0].config, dtype=dtype)
    with np.errstate(over="ignore"):
        cells = [
            {name: array.astype(dtype) for name, array in cell.arrays().items()}
            for cell in cases[0].weights
        ]
    if not all(np.isfinite(array).all() for cell in cells for array in cell.values()):
        return []
    weights = tuple(CellWeights(**cell) for cell in cells)
    return [Inputs.of(case).case(config, weights) for case in cases]


def _cases(
    config: Config,
    weights: tuple[CellWeights, ...],
    inputs: Inputs | None,
    examples: int,
    seed: int,
) -> list[Case]:
    """The case of these inputs; else drawn ones, as many as large weights leave time for."""
    if inputs:
        return [inputs.case(config, weights)]
    numbers = sum(int(array.size) for cell in weights for array in cell.arrays().values())
    count = int(np.clip(NUMBERS / numbers, 2, examples)) if numbers else examples
    steps = max(1, int(PRODUCTS / numbers / count))
    return list(cases_with(config, weights, count, seed, steps))
