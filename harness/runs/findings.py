"""Prepares a failure for its reader: counts, shrinks, diagnoses and saves it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    """Holds the first of an implementation's failures, and how many there are."""

    first: Verdict
    count: int
    small: Verdict  # on the smallest case that still fails
    diagnosis: Diagnosis
    saved: Path | None = None  # the file that holds the smallest case
    unsaved: str = ""  # why the case could not be saved

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
    """Stands for the exception where an implementation ended its process or ran out of bounds."""


def finding(
    first: Verdict,
    count: int,
    implementation: Implementation,
    save: Path | None,
    facts: Mapping[str, str],
) -> Finding:
    """Diagnoses the first of `count` failures, and saves its smallest case to the folder `save`."""
    diagnosis = diagnose(first.case, implementation)
    small = smallest(first, implementation, diagnosis)
    return _save(Finding(first, count, small, diagnosis), save, facts)


def smallest(first: Verdict, implementation: Implementation, diagnosis: Diagnosis) -> Verdict:
    """Returns the verdict on a smallest case that fails like the first.

    Returns the first verdict itself where the implementation does not fail every time.
    """

    def verdict_on(case: Case) -> Verdict:
        return judge(case, implementation, first.implementation)

    # A trial of a stateful mistake depends on the trials before, so that nothing can be shrunk.
    if any(name in BY_NAME and BY_NAME[name].stateful for name in diagnosis.names):
        return first
    small = verdict_on(shrink(first.case, lambda case: _alike(verdict_on(case), first)))
    return small if small.kind == first.kind else first


def unexamined(
    first: Verdict, count: int, why: str, save: Path | None, facts: Mapping[str, str]
) -> Finding:
    """Makes a finding of a failure that can be neither diagnosed nor shrunk, and says why."""
    return _save(
        Finding(first, count, first, Diagnosis((), f"Not looked for: {why}.")), save, facts
    )


def _save(finding: Finding, folder: Path | None, facts: Mapping[str, str]) -> Finding:
    """Writes the smallest case to the folder, and returns the finding with the file's path."""
    if folder is None:
        return finding
    first = finding.first
    about = {
        "implementation": first.implementation,
        "reason": finding.small.reason,
        "found": first.case.origin,
    }
    path = folder / f"{file_name(first.implementation)}.case"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_case(finding.small.case, path, {**about, **facts})
    except OSError as error:  # the run is over, and its result must not be lost
        return replace(finding, unsaved=str(error))
    return replace(finding, saved=path)


def _alike(one: Verdict, other: Verdict) -> bool:
    """Tells whether two verdicts are of one kind; crashes raise the same at the same place."""
    if one.kind != "crashed" or other.kind != "crashed":
        return one.kind == other.kind
    if one.crash and other.crash:
        return one.crash[:3] == other.crash[:3]  # error, file, line
    return not one.crash and not other.crash and one.reason == other.reason


def file_name(implementation: str) -> str:
    """Returns the letters and digits of a name, and eight digits of a hash of all of it."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", implementation).strip("-")[-80:].strip("-")
    digest = hashlib.sha256(implementation.encode(errors="surrogatepass")).hexdigest()
    return f"{plain}-{digest[:8]}".lstrip("-")
