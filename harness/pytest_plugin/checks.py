"""How each property of the conformance set is found out: functions that return, raise Failed, or skip what is refused."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from harness.draw.generate import sample_cases
from harness.judge.judge import judge
from harness.judge.observe import Implementation, first_line, observe
from harness.judge.verdict import Verdict
from harness.mistakes.on_verdict import publish
from harness.mistakes.sight import sight
from harness.pytest_plugin.calls import repeated, written
from harness.pytest_plugin.properties import Property, drawn, limited, plain, properties
from harness.runs.environment import environment
from harness.runs.findings import finding
from harness.runs.ledger import known_difference
from references import Unsupported
from references.case import Case

WIDTH = 5  # times as many cases for "everything" as for one property


class Failed(Exception):
    """A property does not hold; the text says all that there is to say."""


@dataclass(frozen=True)
class Subject:
    """An implementation and the cases that it is tried on."""

    name: str
    run: Implementation
    limits: Mapping[str, Any]  # the user's
    examples: int  # cases for each property
    seed: int
    save: Path

    @cached_property
    def base(self) -> dict[str, Any]:
        """The limits at which it is held while one property varies."""
        return plain(self.limits, self.run)

    @cached_property
    def everything(self) -> list[Verdict]:
        """The verdicts on cases of every kind that the limits allow."""
        return [
            judge(case, self.run, self.name, calls=1)
            for case in sample_cases(WIDTH * self.examples, self.seed, **self.limits)
        ]


def checks(limits: Mapping[str, Any]) -> dict[str, Callable[[Subject], None]]:
    """Every check by its name; properties of which the limits leave nothing are left out."""
    held: dict[str, Callable[[Subject], None]] = {
        item.name: lambda subject, item=item: property_holds(subject, item)  # type: ignore[misc]
        for item in properties()
        if limited(item, plain(limits), limits) is not None
    }
    return {
        **held,
        "determinism": same_again,
        "inputs_untouched": inputs_untouched,
        "everything": everything_holds,
        "sight": sighted,
    }


def property_holds(subject: Subject, item: Property) -> None:
    """Every case that is about the property agrees or is refused, and one agrees."""
    within = limited(item, subject.base, subject.limits)
    if within is None:
        pytest.skip(
            "there are no such cases within the limits at which the implementation can be held"
        )
    cases = drawn(item, within, subject.examples, subject.seed)
    settle(subject, [judge(case, subject.run, subject.name, calls=item.calls) for case in cases])


def everything_holds(subject: Subject) -> None:
    """The same of cases of every kind."""
    settle(subject, subject.everything)


def sighted(subject: Subject) -> None:
    """The cases that agreed could have shown plain mistakes, and there are some."""
    for verdict in subject.everything:
        publish(verdict)
    agreed = [verdict.case for verdict in subject.everything if verdict.kind == "agrees"]
    if not agreed:
        raise Failed(
            f"Cannot tell: {subject.name} never agreed on a case, so nothing was shown. The first verdict:\n{subject.everything[0]}"
        )
    seen = sight(agreed)
    if seen.blind:
        raise Failed(
            f"Cannot tell: {seen}.\nDraw more cases (--parity-examples), or allow more kinds of them (--parity-limit)."
        )


def same_again(subject: Subject) -> None:
    """Two calls on one case give the same bits."""
    for case in computed(subject):
        if difference := repeated(case, subject.run):
            raise Failed(
                f"{subject.name} gives other bits when it is called again on the same case: {difference}.\n  case        {case!r}\n"
                "Where that is meant (threads, a GPU), leave this property out: --deselect, with the name of this test."
            )


def inputs_untouched(subject: Subject) -> None:
    """It writes into nothing that belongs to the caller, even where it could."""
    for case in sample_cases(subject.examples, subject.seed, **subject.base):
        try:
            array = written(case, subject.run)
        except Unsupported as refusal:
            pytest.skip(f"refused: {refusal}")
        except Exception as error:
            raise Failed(
                f"{subject.name} crashed: it raised {type(error).__name__}: {first_line(error)}\n  case        {case!r}"
            ) from error
        if array:
            raise Failed(
                f"{subject.name} wrote into {array}, which belongs to the caller: copy it first.\n  case        {case!r}"
            )


def computed(subject: Subject) -> Iterator[Case]:
    """Plain cases for which the implementation gives outputs of some kind; skips where it refuses one, fails where it crashes."""
    for case in sample_cases(subject.examples, subject.seed, **subject.base):
        seen = observe(case, subject.run)
        if seen.kind == "refused":
            pytest.skip(f"refused: {seen.reason}")
        if seen.kind == "crashed":
            raise Failed(f"{subject.name} crashed: {seen.reason}\n  case        {case!r}")
        yield case


def settle(subject: Subject, verdicts: Iterable[Verdict]) -> None:
    """Counts the verdicts, and raises Failed with what is found out about the first failure; skips where all were refused."""
    verdicts = list(verdicts)
    for verdict in verdicts:
        publish(verdict)
    wrong = [
        verdict
        for verdict in verdicts
        if verdict.kind in ("differs", "crashed") and not known_difference(verdict)
    ]
    if wrong:
        raise Failed(
            str(
                finding(
                    wrong[0], len(wrong), subject.run, subject.save, environment([subject.name])
                )
            )
        )
    if any(verdict.kind in ("agrees", "differs", "crashed") for verdict in verdicts):
        return  # what differs is known here: a test that meets nothing else is reported as an expected failure
    refused = [verdict.reason for verdict in verdicts if verdict.kind == "refused"]
    if len(refused) == len(verdicts):
        pytest.skip(f"refused: {refused[0]}" if refused else "no such case was drawn")
    raise Failed(f"Cannot tell: no case was decided. The first verdict:\n{verdicts[0]}")
