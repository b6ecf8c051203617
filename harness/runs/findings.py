"""Prepares a failure for its reader: shrinks it, diagnoses the smallest case, and saves that."""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.draw.saved import save_beside
from harness.draw.shrink import SECONDS, shrink
from harness.draw.snippet import in_one_line, snippet
from harness.implementations.program import replay_command
from harness.judge.calls.kinds import start_from
from harness.judge.calls.observe import Implementation
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.mistakes.catalogue import BY_NAME
from harness.mistakes.causes.diagnosis import Diagnosis
from harness.mistakes.causes.explain import explain
from harness.printable import how_many, one_line
from harness.processes.endings import more_time
from harness.runs.failures import alike
from harness.runs.writable import reason_of
from references.case import Case


@dataclass(frozen=True)
class Request:
    """Asks what is behind `count` failures of one kind, of which `failure` is to be explained.

    The diagnosis must explain the `witness` too, a large case that fails alike. The smallest case
    becomes a file with the `facts`, whose name is that of `path` and a digest. Shrinking takes so
    many seconds.
    """

    failure: Verdict
    count: int
    path: Path | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    seconds: float = SECONDS
    witness: Case | None = None


@dataclass(frozen=True)
class Finding:
    """Holds one kind of an implementation's failures: the first, how many, and the smallest."""

    first: Verdict
    count: int
    small: Verdict  # on the smallest case that still fails
    diagnosis: Diagnosis
    origin: str = ""  # Python that builds the case from which the smallest was shrunk
    saved: Path | None = None  # the file that holds the smallest case
    unsaved: str = ""  # why the case could not be saved

    @property
    def head(self) -> str:
        """Names the implementation, what it does on how many cases, and the reason."""
        if self.small.phase == "import":
            name, reason = self.small.implementation, self.small.reason
            return reason if reason.startswith(f"{name} ") else f"{name} cannot be used: {reason}"
        verdict, cases = self.small, how_many(self.count, "case")
        return f"{verdict.implementation} {verdict.kind} on {cases}: {verdict.reason}"

    @property
    def line(self) -> str:
        """The finding on one line."""
        place = f", at {self.small.crash}" if self.small.crash else ""
        return f"{self.head}{place}; diagnosis: {self.diagnosis}"

    def lines(self) -> list[str]:
        """The finding on at most seven lines; `str` has all of it."""
        if self.small.phase == "import":
            return str(self).splitlines()
        lines = [self.head, *essentials(self.small, self.diagnosis)]
        if self.saved:
            lines.append(f"  replay      {self._replay}")
        return lines + [line for line in self._file() if self.unsaved]

    def __str__(self) -> str:
        if self.small.phase == "import":
            lines = [self.head, *self.small.details(), f"  diagnosis   {self.diagnosis}"]
            return "\n".join(lines)
        lines = [self.head, *self.small.details(), f"  case        {self.small.case!r}"]
        if self.small.case.origin:
            lines.append(f"  rebuild     {one_line(self.small.case.origin)}")
        elif self.origin:
            lines.append(f"  shrunk from {one_line(self.origin)}")
        lines += [
            f"  diagnosis   {self.diagnosis}",
            f"  failures    {self.count}; the smallest case found:",
            *(f"    {line}" for line in snippet(self.small.case).splitlines()),
            *self._file(),
        ]
        return "\n".join(lines)

    def _file(self) -> list[str]:
        if self.unsaved:
            return [f"  saved as    nothing: the case could not be saved: {self.unsaved}"]
        if self.saved:
            return [f"  saved as    {self.saved}; replay it with: {self._replay}"]
        return []

    @property
    def _replay(self) -> str:
        return replay_command(self.saved, self.small.implementation)


def essentials(verdict: Verdict, diagnosis: Diagnosis, label: str = "smallest") -> list[str]:
    """Returns where a case fails, its numbers, the diagnosis and the case, a line for each.

    `label` says which case it is.
    """
    lines = []
    if verdict.crash:
        lines.append(f"  raised at   {verdict.crash}")
    if place := verdict.first:
        room = f"give or take {place.allowed:.3g}" if place.allowed else "exactly"
        lines += [
            f"  where       {place} (the first that differs)",
            f"  actual      {place.actual!r}",
            f"  expected    {place.expected!r}, {room}",
        ]
    lines.append(f"  diagnosis   {' '.join(str(diagnosis).split())}")
    return [*lines, f"  {label:<11} {in_one_line(verdict.case)}"]


def finding(request: Request, implementation: Implementation) -> Finding:
    """Shrinks the failure, diagnoses the smallest case, and saves that.

    What the diagnosis names must explain the failure's own case and the witness too: on the
    smallest case a harmless mistake may look like another one.
    """
    failure, witness = request.failure, request.witness
    small = smallest(failure, implementation, request.seconds)
    larger = [failure.case] if small is not failure else []
    larger += [witness] if witness is not None else []
    diagnosis = explain(small, implementation, larger)
    # A trial depends on the trials before, so that nothing can be shrunk.
    if is_stateful(diagnosis.names):
        small = failure
    return _save(request, Finding(failure, request.count, small, diagnosis, failure.case.origin))


def smallest(failure: Verdict, implementation: Implementation, seconds: float = SECONDS) -> Verdict:
    """Returns the verdict on a smallest case that fails like this one, and by no known difference.

    Returns that verdict itself where the implementation does not fail every time.
    """
    from harness.runs.ledger import known_difference  # a worker starts without it

    def verdict_on(case: Case) -> Verdict:
        return judge(case, implementation, failure.implementation)

    def fails_so(verdict: Verdict) -> bool:
        return alike(verdict, failure) and not known_difference(verdict)

    case = shrink(failure.case, lambda case: fails_so(verdict_on(case)), seconds=seconds)
    if case is failure.case:
        return failure
    small = verdict_on(case)
    return small if fails_so(small) else failure


def is_stateful(names: Collection[str]) -> bool:
    """Tells whether one of these mistakes shows in a second call alone."""
    return any(name in BY_NAME and BY_NAME[name].stateful for name in names)


def at_import(verdict: Verdict, paste: str = "") -> Finding:
    """Makes a finding of what is there but cannot be used; `paste` is code to start from."""
    sentence = f"It can be judged only once this is repaired.{more_time(verdict.reason)}"
    if paste:
        sentence = start_from(paste)
    return Finding(verdict, 1, verdict, Diagnosis((), sentence))


def unexamined(request: Request, why: str) -> Finding:
    """Makes a finding of a failure that can be neither diagnosed nor shrunk, and says why."""
    failure = request.failure
    diagnosis = not_looked_for(why, failure.reason)
    return _save(request, Finding(failure, request.count, failure, diagnosis))


def not_looked_for(why: str, reason: str) -> Diagnosis:
    """The diagnosis of a failure for this reason: none, and why; more time may help."""
    return Diagnosis((), f"Not looked for: {why}.{more_time(f'{reason} {why}')}")


def _save(request: Request, finding: Finding) -> Finding:
    """Writes the smallest case to the file, and returns the finding with the file's path."""
    path = request.path
    if path is None:
        return finding
    about = {
        "implementation": finding.small.implementation,
        "reason": finding.small.reason,
        "found": finding.first.case.origin,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path = save_beside(finding.small.case, path, {**about, **request.facts})
    except OSError as error:  # the run is over, and its result must not be lost
        return replace(finding, unsaved=f"{path}: {reason_of(error)}")
    return replace(finding, saved=path)


def case_path(folder: Path | None, implementation: str, number: int = 1) -> Path | None:
    """Returns the file for an implementation's smallest case; further kinds have numbers."""
    if folder is None:
        return None
    name = implementation if number == 1 else f"{implementation} {number}"
    return folder / f"{file_name(name)}.case"


def file_name(implementation: str, key: str = "") -> str:
    """Returns the letters and digits of a name, and eight digits of a hash of all of it.

    `key` says what is hashed instead.
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "-", implementation).strip("-")[-80:].strip("-")
    digest = hashlib.sha256((key or implementation).encode(errors="surrogatepass")).hexdigest()
    return f"{plain}-{digest[:8]}".lstrip("-")
