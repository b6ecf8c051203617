"""Reads known deviations of one's own, and counts which of them a run met, or no longer does.

A file holds entries in the form of `known_differences.toml`: an id, the implementations, the kind
of verdict, `where`, a reason, and an expiry, by `versions` or by the date `expires`. `deviation`
and `activation_error` bound how large the difference may be.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from harness.draw.features import FEATURES, has
from harness.implementations.names import plain_name
from harness.judge.verdict import FAILURES, Verdict
from harness.printable import how_many, one_line
from harness.runs.ledger import Difference, difference, differences
from references.case import Case

State = Literal["met", "no longer holds", "expired", "not tried"]
LARGEST = 1 << 20  # bytes of a file
NEEDED = ("id", "implementations", "kind", "where", "reason")
OPTIONAL = [field.name for field in fields(Difference) if field.name not in NEEDED]
TYPES = {"implementations": list, "where": list, "versions": dict, "replay": dict, "expires": date}
WORDS = {str: "a text", list: "a list", dict: "a table", date: "a date such as 2030-01-31"}
BOUNDS = ("deviation", "activation_error")
# What an entry need not say; of the shipped ones each does.
NOT_SAID: dict[str, Any] = {
    "versions": {}, "witness": "", "upstream": "", "script": "", "output": "", "replay": {},
}  # fmt: skip


class WrongDeviations(ValueError):
    """Says in a sentence what is wrong with a file of known deviations."""


@dataclass
class Deviation:
    """One entry, and what the verdicts of a run say of it."""

    entry: Difference
    expires: date | None = None
    hits: int = 0  # verdicts that it predicts
    agreed: int = 0  # verdicts that agree where it predicts another

    @property
    def is_expired(self) -> bool:
        """Tells whether its date is over, or another version is installed than it speaks of."""
        over = self.expires is not None and date.today() > self.expires
        return over or self.entry.status == "not tested"

    @property
    def state(self) -> State:
        """Says what became of it."""
        if self.is_expired:
            return "expired"
        if self.hits:
            return "met"
        return "no longer holds" if self.agreed else "not tried"

    @property
    def fails(self) -> bool:
        """It has to be taken out of the file, or looked at again."""
        return self.state in ("expired", "no longer holds")

    @property
    def sentence(self) -> str:
        """Says in a sentence what became of it."""
        id, reason = one_line(self.entry.id), one_line(self.entry.reason)
        versions = ", ".join(f"{name} {spec}" for name, spec in self.entry.versions.items())
        expiry = " and ".join(filter(None, [str(self.expires or ""), one_line(versions)]))
        agree = f"{how_many(self.agreed, 'case')} agree{'s' * (self.agreed == 1)}"
        times = how_many(self.hits, "time")
        return {
            "met": f"known deviation {id} was met {times}: {reason} (until {expiry})",
            "expired": f"known deviation {id} has expired: it was for {expiry}",
            "no longer holds": f"known deviation {id} no longer holds: {agree}",
            "not tried": f"known deviation {id} was not tried: no such case was judged",
        }[self.state]

    def meets(self, verdict: Verdict) -> bool:
        """Tells whether it predicts the verdict, which what cannot be imported has no case for."""
        return verdict.phase == "run" and not self.is_expired and self.entry.meets(verdict)

    def concerns(self, name: str) -> bool:
        """Tells whether it speaks of this implementation."""
        return plain_name(name) in self.entry.implementations

    def predicts(self, name: str, case: Case) -> bool:
        """Tells whether it says that this implementation does not agree on the case."""
        return self.concerns(name) and any(has(**values)(case) for values in self.entry.where)

    def try_on(self, name: str, case: Case) -> None:
        """Counts a case on which this implementation agrees, if it predicts another verdict."""
        self.agreed += self.predicts(name, case)


def deviation_of(verdict: Verdict, deviations: Iterable[Deviation]) -> Difference | None:
    """Counts the verdict where one of them predicts it, and returns that entry."""
    if not verdict.is_failure:
        return None
    for deviation in deviations:
        if deviation.meets(verdict):
            deviation.hits += 1
            return deviation.entry
    return None


def bounded(deviations: Iterable[Deviation]) -> tuple[Difference, ...]:
    """Returns the entries that bound an activation's error: the judge has to know of these."""
    entries = (one.entry for one in deviations)
    return tuple(entry for entry in entries if entry.activation_error is not None)


def entry_of(id: str, deviations: Iterable[Deviation]) -> Difference:
    """Returns the user's entry of this id, or the shipped one. Raises KeyError."""
    own = {one.entry.id: one.entry for one in deviations}
    return own.get(id) or difference(id)


def read_deviations(path: Path | str | None) -> tuple[Deviation, ...]:
    """Reads a file of known deviations, if there is one. Raises WrongDeviations."""
    return () if path is None else deviations_in(text_of(Path(path)), path)


def text_of(path: Path) -> str:
    """Reads the text of a file of known deviations. Raises WrongDeviations."""
    try:
        if path.stat().st_size > LARGEST:
            raise WrongDeviations(f"{path} has more than {LARGEST:,} bytes")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise WrongDeviations(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WrongDeviations(f"{path} is no TOML: {one_line(error)}") from error


def deviations_in(text: str, path: Path | str) -> tuple[Deviation, ...]:
    """Reads the known deviations in the text of the file at the path. Raises WrongDeviations."""
    import tomllib  # where there is such a file

    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise WrongDeviations(f"{path} is no TOML: {one_line(error)}") from error
    entries = table.get("difference")
    if set(table) != {"difference"} or not isinstance(entries, list):
        raise WrongDeviations(f"{path} has {_names(table)}, expected tables [[difference]] alone")
    deviations = [_deviation(f"{path}, entry {n}", raw) for n, raw in enumerate(entries, 1)]
    ids = [*(entry.id for entry in differences()), *(one.entry.id for one in deviations)]
    if twice := [id for id, count in Counter(ids).items() if count > 1]:
        raise WrongDeviations(f"{path} has an id that is there already: {_names(twice)}")
    return tuple(deviations)


def _deviation(where: str, raw: Any) -> Deviation:
    if complaint := _complaint(raw) if isinstance(raw, dict) else "it is no table":
        raise WrongDeviations(f"{where}: {complaint}")
    expires = raw.pop("expires", None)
    values = {**NOT_SAID, "observed": raw["reason"], **raw}
    values |= {name: tuple(raw[name]) for name in ("implementations", "where")}
    return Deviation(Difference(**values), expires)


def _complaint(raw: dict[str, Any]) -> str:
    """Says what is wrong with an entry; empty for nothing."""
    if absent := [name for name in NEEDED if name not in raw]:
        return f"it lacks {_names(absent)}"
    if unknown := raw.keys() - {*NEEDED, *OPTIONAL, "expires"}:
        return f"it has {_names(unknown)}; an entry has {_names([*NEEDED, *OPTIONAL, 'expires'])}"
    for name in [name for name in raw if name not in BOUNDS]:
        kind, value = TYPES.get(name, str), raw[name]
        if not isinstance(value, kind) or not value:
            return f"{name} is {value!r}, expected {WORDS[kind]} that is not empty"
    if raw["kind"] not in FAILURES:
        return f"kind is {raw['kind']!r}, expected one of {_names(FAILURES)}"
    if not all(isinstance(name, str) for name in raw["implementations"]):
        return "implementations must be a list of names"
    complaints = (
        _complaint_of_where(raw["where"]), _complaint_of_expiry(raw), _complaint_of_bounds(raw)
    )  # fmt: skip
    return next(filter(None, complaints), "")


def _complaint_of_where(where: list[Any]) -> str:
    for values in where:
        if not isinstance(values, dict):
            return "where must be a list of tables"
        if unknown := values.keys() - FEATURES.keys():
            return f"where asks for {_names(unknown)}; a case has the features {_names(FEATURES)}"
    return ""


def _complaint_of_expiry(raw: dict[str, Any]) -> str:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    expires, versions = raw.get("expires"), raw.get("versions", {})
    if expires is None and not versions:
        return "it needs an expiry: versions = { package = '<2' }, or expires = 2030-01-31"
    if isinstance(expires, datetime):
        return f"expires is {expires}, expected a date without a time"
    for name, specifier in versions.items():
        try:
            SpecifierSet(specifier)
        except (InvalidSpecifier, TypeError, AttributeError):
            return f"versions.{name} is {specifier!r}, expected a specifier such as '>=2.6,<2.14'"
    return ""


def _complaint_of_bounds(raw: dict[str, Any]) -> str:
    for name in filter(raw.__contains__, BOUNDS):
        value = raw[name]
        if type(value) not in (int, float) or not 0 < value < math.inf:
            return f"{name} is {value!r}, expected a number above 0, such as 2e-6"
        if raw["kind"] != "differs":
            return f"{name} bounds how far outputs are off: kind must be 'differs'"
    return ""


def _names(names: Iterable[str]) -> str:
    return one_line(", ".join(map(str, names)) or "nothing")
