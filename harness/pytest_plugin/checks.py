"""Checks each property of the conformance set: returns, raises Failed, or skips a refusal."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from harness.draw.generate import sample_cases
from harness.draw.limits import limits as checked
from harness.implementations.overwrite import overwrite
from harness.judge.calls.observe import Implementation, observe
from harness.judge.calls.returned import Observation
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.mistakes.on_verdict import publish
from harness.pytest_plugin.calls import difference_of_calls
from harness.pytest_plugin.properties import (
    Property,
    limits_for,
    of_cell,
    plain,
    properties,
    sample,
)
from harness.runs.batches import judge_block
from harness.runs.environment import environment
from harness.runs.failures import ProcessEnded, by_kind, clearest
from harness.runs.findings import Request, case_path, finding, unexamined
from harness.runs.ledger import known_difference
from harness.runs.parts import drawable
from harness.runs.results import Results
from harness.runs.scope import Scope
from harness.runs.search import Search
from references.case import Case
from references.cells import CELLS

WIDTH = 5  # times as many cases for "everything" as for one property


class Failed(Exception):
    """Says that a property does not hold; its text is the whole message."""


@dataclass(frozen=True)
class Subject:
    """Holds an implementation and what decides on which cases it is tried."""

    name: str
    run: Implementation
    limits: Mapping[str, Any]  # the user's
    examples: int  # cases for each property
    seed: int
    save: Path

    @cached_property
    def base(self) -> dict[str, Any]:
        """Returns the limits within which all cases stay while one property varies."""
        return plain(self.limits, self.run)

    @cached_property
    def wide(self) -> dict[str, Any]:
        """Returns the user's limits, with each cell that is not refused unless they name cells."""
        rows = [cell for cell in CELLS if cell != self.base["cell"] and self._takes(cell)]
        cells = (self.base["cell"], *rows)
        return dict(self.limits) if "cell" in self.limits else {**self.limits, "cell": cells}

    def _takes(self, cell: str) -> bool:
        """Tells whether a plain case of the cell can be drawn, and is not refused."""
        if not drawable(cell, self.limits):
            return False
        (case,) = sample_cases(1, self.seed, **{**self.base, **of_cell(cell)})
        return bool(observe(case, self.run).kind != "refused")

    @cached_property
    def search(self) -> tuple[Results, Scope]:
        """Judges cases of every kind that the limits allow, as `verify` does.

        A part is called twice. Who refuses some is judged on later ones.
        """
        examples, allowed = WIDTH * self.examples, checked(**self.wide)
        search = Search((self.name,), examples, self.seed, allowed, {})
        results = Results((self.name,), self.seed, allowed)
        (group,) = search.groups
        while blocks := list(search.next_round(group)):
            for row in chain(*(judge_block(block, {self.name: self.run}) for block in blocks)):
                results.add(row)
                search.add(row)
        return results, search.scopes(interrupted=False)[self.name]

    @cached_property
    def everything(self) -> list[Verdict]:
        """Returns the verdicts on those cases."""
        return list(self.search[0].verdicts())


def checks(limits: Mapping[str, Any]) -> dict[str, Callable[[Subject], None]]:
    """Returns every check by its name, without properties of which the limits leave nothing."""
    by_property: dict[str, Callable[[Subject], None]] = {
        item.name: lambda subject, item=item: property_holds(subject, item)  # type: ignore[misc]
        for item in properties()
        if limits_for(item, plain(limits), limits) is not None
    }
    return {
        **by_property,
        "determinism": same_again,
        "inputs_untouched": inputs_untouched,
        "everything": everything_holds,
        "sight": sight_suffices,
    }


def property_holds(subject: Subject, item: Property) -> None:
    """Checks that each case about the property agrees or is refused, and that one agrees."""
    within = limits_for(item, subject.base, subject.limits)
    if within is None:
        pytest.skip("the limits of the implementation leave no such case")
    cases = sample(item, within, subject.examples, subject.seed)
    settle(subject, [judge(case, subject.run, subject.name, calls=item.calls) for case in cases])


def everything_holds(subject: Subject) -> None:
    """Checks the same of cases of every kind."""
    settle(subject, subject.everything)


def sight_suffices(subject: Subject) -> None:
    """Checks that some cases agree, enough of each kind, and would have caught plain mistakes."""
    for verdict in subject.everything:
        publish(verdict)
    if all(verdict.kind != "agrees" for verdict in subject.everything):
        raise Failed(
            f"Cannot tell: {subject.name} never agreed on a case, so nothing was shown. "
            f"The first verdict:\n{subject.everything[0]}"
        )
    results, scope = subject.search
    result = results.sights([subject.name])[subject.name]
    wrong = failures_of(subject.everything)
    if result.blind and wrong:  # beside a failure, the cases that agreed are those that hide it
        raise Failed(
            f"{subject.name} fails on {len(wrong)} of {len(subject.everything)} of these cases, "
            "so that it is not asked which mistakes the others could have caught."
        )
    if scope.gap and not wrong:
        raise Failed(f"Cannot tell: {scope.gap}")
    if result.blind:
        raise Failed(
            f"Cannot tell: {result}.\n"
            "Draw more cases (--parity-examples), or allow more kinds of them (--parity-limit)."
        )


def same_again(subject: Subject) -> None:
    """Checks that two calls on one case give the same bits."""
    for case in computed(subject):
        if difference := difference_of_calls(case, subject.run):
            raise Failed(
                f"{subject.name} gives other bits when it is called again on the same case: "
                f"{difference}.\n  case        {case!r}\n"
                "Where that is meant (threads, a GPU), leave this property out: "
                "--deselect, with the name of this test."
            )


def inputs_untouched(subject: Subject) -> None:
    """Checks that it writes into no array of the caller, even where it could."""
    for case in sample_cases(subject.examples, subject.seed, **subject.base):
        observation = overwrite(case, subject.run)
        _skip_or_fail(subject, case, observation)
        if array := observation.reason:
            raise Failed(
                f"{subject.name} wrote into {array}, which belongs to the caller: copy it first.\n"
                f"  case        {case!r}"
            )


def _skip_or_fail(subject: Subject, case: Case, observation: Observation) -> None:
    """Skips at a refusal, raises Failed at a crash."""
    if observation.kind == "refused":
        pytest.skip(f"refused: {observation.reason}")
    if observation.kind == "crashed":
        reason, place = observation.reason, observation.crash
        raise Failed(str(Verdict("crashed", subject.name, case, reason, crash=place)))


def computed(subject: Subject) -> Iterator[Case]:
    """Draws plain cases that give outputs; skips at a refusal, raises Failed at a crash."""
    for case in sample_cases(subject.examples, subject.seed, **subject.base):
        observation = observe(case, subject.run)
        _skip_or_fail(subject, case, observation)
        yield case


def failures_of(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Returns the failures that no known difference explains."""
    failures = (verdict for verdict in verdicts if verdict.is_failure)
    return [verdict for verdict in failures if not known_difference(verdict)]


def settle(subject: Subject, verdicts: Iterable[Verdict]) -> None:
    """Publishes the verdicts; raises Failed with the first failure's finding, skips refusals."""
    verdicts = list(verdicts)
    for verdict in verdicts:
        publish(verdict)
    if wrong := failures_of(verdicts):
        facts = environment([subject.name])
        path = case_path(subject.save, subject.name)
        alike, *others = by_kind(wrong)
        request = Request(clearest(alike), len(alike), path, facts)
        if isinstance(request.failure.cause, ProcessEnded):
            why = "what ends its process cannot be called again and again"
            report = unexamined(request, why)
        else:
            report = finding(request, subject.run)
        more = [f"{other[0].kind} on {len(other)}: {other[0].reason}" for other in others]
        raise Failed("\n".join([str(report), *more]))
    # Only known differences are left: a test of nothing else is reported as an expected failure.
    if any(verdict.kind in ("agrees", "differs", "crashed") for verdict in verdicts):
        return
    refused = [verdict.reason for verdict in verdicts if verdict.kind == "refused"]
    if len(refused) == len(verdicts):
        pytest.skip(f"refused: {refused[0]}" if refused else "no such case was drawn")
    raise Failed(f"Cannot tell: no case was decided. The first verdict:\n{verdicts[0]}")
