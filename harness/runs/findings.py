"""A failure made ready for its reader: counted, made small, diagnosed, saved."""

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

    def __str__(self) -> str:
        lines = [str(self.first), f"  diagnosis   {self.diagnosis}", f"  failures    {self.count}; the smallest case found:"]
        lines += [f"    {line}" for line in snippet(self.small.case).splitlines()]
        if self.saved:
            lines.append(f"  saved as    {self.saved}; replay it with: rnn-parity explain {self.saved}")
        return "\n".join(lines)


def finding(verdicts: list[Verdict], implementation: Implementation, save: Path | None, facts: Mapping[str, str]) -> Finding:
    """Looks into the first of these failures. The smallest case is written to the folder `save`."""
    first = verdicts[0]

    def verdict_on(case: Case) -> Verdict:
        return judge(case, implementation, first.implementation)

    small = verdict_on(shrink(first.case, lambda case: verdict_on(case).kind == first.kind))
    if small.kind != first.kind:  # it does not fail every time
        small = first
    path = None
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        path = save / f"{re.sub(r'[^A-Za-z0-9]+', '-', first.implementation).strip('-')}.case"
        save_case(small.case, path, {"implementation": first.implementation, "reason": small.reason, "found": first.case.origin, **facts})
    return Finding(first, len(verdicts), small, diagnose(first.case, implementation), path)
