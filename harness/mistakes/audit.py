"""Which mistakes a user's own check would see."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from harness.mistakes.catalogue import MISTAKES
from references.numpy_rnn import run as loop


@dataclass(frozen=True)
class Audit:
    """The known mistakes, by what the check did with an implementation that makes them."""

    caught: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def score(self) -> float:
        """The share that was caught, from 0 to 1."""
        return len(self.caught) / (len(self.caught) + len(self.missed))

    def __str__(self) -> str:
        fixes = {mistake.name: mistake.sentence for mistake in MISTAKES}
        lines = [f"This check catches {len(self.caught)} of {len(self.caught) + len(self.missed)} known mistakes."]
        lines += [f"  missed: {name}. {fixes[name]}" for name in self.missed]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Audit(caught={len(self.caught)}, missed={len(self.missed)})"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def audit(check: Callable[[Callable[..., Any]], object]) -> Audit:
    """Calls `check(run)` with the right loop, then with every mistake planted; an AssertionError means that it was caught.

    Raises ValueError where the check fails for the right loop already, since then it tells nothing. Whatever else the check raises
    on a mistake counts as caught: it does not pass.
    """
    try:
        check(loop)
    except AssertionError as error:
        raise ValueError(f"the check fails for the right loop already: {str(error).splitlines()[0] if str(error) else error!r}") from error
    caught, missed = [], []
    for mistake in MISTAKES:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                check(mistake.plant())
        except Exception:  # an exception of any kind is a check that does not pass
            caught.append(mistake.name)
        else:
            missed.append(mistake.name)
    return Audit(tuple(caught), tuple(missed))
