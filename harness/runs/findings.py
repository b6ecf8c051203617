"""A failure made ready for its reader: counted, made small, diagnosed, saved."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.draw.saved import save_case
from harness.draw.shrink import shrink
from harness.draw.snippet import snippet
from harness.judge.judge import judge
from harness.judge.observe import Implementation
from harness.judge.verdict import Verdict
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.diagnosis import Diagnosis, diagnose
from references.case import Case


@dataclass(frozen=True)
class Finding:
    """The first of an implementation's failures, and how many there are."""

    first: Verdict
    count: int
    small: Verdict  # on the smallest case found that still fails
    diagnosis: Diagnosis
    saved: Path | None
    unsaved: str = ""  # why it could not be saved

    def __str__(self) -> str:
        lines = [
            str(self.first),
            f"  diagnosis   {self.diagnosis}",
            f"  failures    {self.count}; the smallest case found:",
        ]
        lines += [f"    {line}" for line in snippet(self.small.case).splitlines()]
        if self.unsaved:
            lines.append(f"  saved as    nothing: the case could not be saved: {self.unsaved}")
        if self.saved:
            lines.append(
                f"  saved as    {self.saved}; replay it with: rnn-parity explain {self.saved}"
            )
        return "\n".join(lines)


class ProcessEnded(RuntimeError):
    """What an implementation "raised" that ended its process, or had to be ended with it."""


def finding(
    first: Verdict,
    count: int,
    implementation: Implementation,
    save: Path | None,
    facts: Mapping[str, str],
) -> Finding:
    """Looks into the first of `count` failures. The smallest case is written to the folder `save`."""
    diagnosis = diagnose(first.case, implementation)
    return saved(first, count, smallest(first, implementation, diagnosis), diagnosis, save, facts)


def smallest(first: Verdict, implementation: Implementation, diagnosis: Diagnosis) -> Verdict:
    """The verdict on the smallest case found that fails like the first; the first itself where it does not fail every time."""

    def verdict_on(case: Case) -> Verdict:
        return judge(case, implementation, first.implementation)

    if any(
        name in BY_NAME and BY_NAME[name].stateful for name in diagnosis.names
    ):  # then a trial depends on the trials before
        return first
    small = verdict_on(shrink(first.case, lambda case: _alike(verdict_on(case), first)))
    return small if small.kind == first.kind else first


def unexamined(
    first: Verdict, count: int, why: str, save: Path | None, facts: Mapping[str, str]
) -> Finding:
    """The first of `count` failures as it is, where it cannot be looked into."""
    return saved(first, count, first, Diagnosis((), f"Not looked for: {why}."), save, facts)


def saved(
    first: Verdict,
    count: int,
    small: Verdict,
    diagnosis: Diagnosis,
    save: Path | None,
    facts: Mapping[str, str],
) -> Finding:
    """The finding, its smallest case written to the folder `save`."""
    path, unsaved = None, ""
    if save is not None:
        path = save / f"{file_name(first.implementation)}.case"
        try:
            save.mkdir(parents=True, exist_ok=True)
            about = {
                "implementation": first.implementation,
                "reason": small.reason,
                "found": first.case.origin,
            }
            save_case(small.case, path, {**about, **facts})
        except OSError as error:  # the run is over, and its result must not be lost
            path, unsaved = None, str(error)
    return Finding(first, count, small, diagnosis, path, unsaved)


def _alike(one: Verdict, other: Verdict) -> bool:
    if one.kind == other.kind == "crashed" and not one.cause and not other.cause:
        return one.reason == other.reason
    return one.kind == other.kind and type(one.cause) is type(other.cause)


def file_name(implementation: str) -> str:
    """Letters and digits of a name, and eight digits that tell apart what they leave out."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", implementation).strip("-")[-80:].strip("-")
    return f"{plain}-{hashlib.sha256(implementation.encode(errors='surrogatepass')).hexdigest()[:8]}".lstrip(
        "-"
    )
