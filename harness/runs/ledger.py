"""Reads the known differences: faults of frameworks, each with a witness, a script and a case.

They stand in `known_differences.toml`. A verdict that meets an entry is reported as known. Outside
the entry's versions, or on another backend of Keras than it names, it predicts nothing.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from harness.draw.features import FEATURES, has
from harness.draw.generate import sample_cases
from harness.implementations.names import plain_name
from harness.judge.verdict import Verdict
from references import REFERENCES
from references.case import Case

BACKEND = REFERENCES["keras"].needs[-1]
Holds = Literal["in force", "not tested", "not installed"]


@dataclass(frozen=True)
class Difference:
    """Says what differs, where and in which versions, and why it is the framework's fault."""

    id: str
    implementations: tuple[str, ...]
    kind: Literal["differs", "crashed"]
    where: tuple[Mapping[str, Any], ...]  # features of a case; one of these sets must hold
    versions: Mapping[str, str]  # distribution: PEP 440 specifier
    observed: str
    reason: str
    witness: str  # the framework's own documentation, or its own other path
    upstream: str  # the report's address, or "no report found"
    script: str  # at most ten lines, in the framework's own terms
    output: str  # what the script prints
    replay: Mapping[str, Any]  # seed, start and limits of a case that meets it
    message: str = ""  # what the exception says where it crashed, or the reason where it differs
    backend: str = ""  # Keras', where the fault is one backend's alone
    # How large it may be: what lies further outside is another. None for any size.
    deviation: float | None = None  # of an output from its bound
    activation_error: float | None = None  # of tanh, sigmoid or softsign, at any step

    @property
    def status(self) -> Holds:
        """Says whether this entry speaks of the versions that are installed here."""
        from importlib.metadata import PackageNotFoundError, version  # for failures alone

        from packaging.specifiers import SpecifierSet

        try:
            inside = [
                SpecifierSet(specifier).contains(version(name), prereleases=True)
                for name, specifier in self.versions.items()
            ]
        except PackageNotFoundError:
            return "not installed"
        return "in force" if all(inside) and self.backend in ("", BACKEND) else "not tested"

    def meets(self, verdict: Verdict) -> bool:
        """Tells whether this entry predicts the verdict."""
        return (
            plain_name(verdict.implementation) in self.implementations
            and verdict.kind == self.kind
            and self.message in str(verdict.cause or verdict.reason)
            and any(has(**values)(verdict.case) for values in self.where)
            and self.status == "in force"
            and self._bounds(verdict)
        )

    def _bounds(self, verdict: Verdict) -> bool:
        """Tells whether the difference is no larger than the known one."""
        deviation, error = self.deviation, self.activation_error
        near = deviation is None or (verdict.wrong > 0 and verdict.deviation <= deviation)
        return near and (error is None or verdict.is_explained_by(error))

    def case(self) -> Case:
        """Draws a case that meets this entry."""
        limits = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in self.replay.get("limits", {}).items()
        }
        return next(sample_cases(1, self.replay.get("seed", 0), self.replay["start"], **limits))


@cache
def differences() -> tuple[Difference, ...]:
    """Returns every entry, in the file's order. Raises ValueError for one that is malformed."""
    import tomllib  # for failures alone
    from importlib.resources import files

    text = (files("harness") / "known_differences.toml").read_text(encoding="utf-8")
    return tuple(_entry(raw) for raw in tomllib.loads(text)["difference"])


def difference(id: str) -> Difference:
    """Returns the entry of this id. Raises KeyError."""
    return {entry.id: entry for entry in differences()}[id]


def known_difference(verdict: Verdict) -> Difference | None:
    """Returns the entry that predicts this verdict, or None."""
    if not verdict.is_failure:
        return None
    return next((entry for entry in differences() if entry.meets(verdict)), None)


def settle(verdict: Verdict, own: Iterable[Difference] = ()) -> Verdict:
    """Tries which known activation error explains the verdict, the least first.

    Then it needs the outputs no more, and leaves them behind. `own` are entries of the user's.
    """
    if verdict.judge_again is None:
        return verdict
    name = plain_name(verdict.implementation)
    errors = {
        entry.activation_error
        for entry in (*own, *differences())
        if name in entry.implementations and entry.activation_error is not None
    }
    explains = (error for error in sorted(errors) if verdict.is_explained_by(error))
    return replace(verdict, judge_again=None, activation_error=next(explains, math.inf))


def _entry(raw: dict[str, Any]) -> Difference:
    for values in raw["where"]:
        if unknown := ", ".join(values.keys() - FEATURES.keys()):
            raise ValueError(
                f"{raw['id']} asks for {unknown}; a case has the features {', '.join(FEATURES)}"
            )
    return Difference(
        **raw | {"implementations": tuple(raw["implementations"]), "where": tuple(raw["where"])}
    )
