"""The audit of a user's own check: which mistakes it catches."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from harness.judge.observe import first_line
from harness.mistakes.catalogue import BY_NAME, MISTAKES
from harness.mistakes.mistake import Mistake
from references.case import Case, Outputs
from references.numpy_rnn import run as loop

Check = Callable[[Callable[..., Any]], object]


@dataclass(frozen=True)
class Audit:
    """The known mistakes, by what the check does with an implementation that makes them."""

    caught: tuple[str, ...]
    missed: tuple[str, ...]
    untried: tuple[str, ...] = ()  # apply to none of the check's cases: no mask, say, or one layer

    @property
    def score(self) -> float:
        """The share of all mistakes that the check catches, from 0 to 1."""
        return len(self.caught) / self._total

    @property
    def _total(self) -> int:
        return len(self.caught) + len(self.missed) + len(self.untried)

    def __str__(self) -> str:
        lines = [f"This check catches {len(self.caught)} of {self._total} known mistakes."]
        lines += [f"  missed: {name}. {BY_NAME[name].sentence}" for name in self.missed]
        if self.untried:
            names = ", ".join(self.untried)
            lines.append(f"  never tried, since they change nothing on its cases: {names}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        counts = {name: len(names) for name, names in vars(self).items()}
        return f"Audit({', '.join(f'{name}={count}' for name, count in counts.items())})"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def audit(check: Check) -> Audit:
    """Calls `check(run)` with the right loop, then with every mistake planted.

    A check catches a mistake by raising: an AssertionError, or anything else.
    Raises ValueError where the check fails for the right loop already, since then it tells nothing.
    """
    try:
        check(loop)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        text = first_line(error, repr(error))
        if not isinstance(error, AssertionError):
            text = f"it raised {type(error).__name__}: {text}"
        raise ValueError(f"the check fails for the right loop already: {text}") from error
    fates = {mistake.name: _fate(mistake, check) for mistake in MISTAKES}
    return Audit(
        *(
            tuple(name for name in fates if fates[name] == fate)
            for fate in ("caught", "missed", "untried")
        )
    )


def _fate(mistake: Mistake, check: Check) -> str:
    """The field of Audit to which this mistake belongs."""
    planted = mistake.plant()
    applied: list[bool] = []

    def run(case: Case) -> Outputs:
        applied.append(mistake.applies(case))
        return planted(case)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check(run)
    except KeyboardInterrupt:
        raise
    except BaseException:  # pytest.fail and sys.exit raise no Exception
        return "caught"
    return "missed" if any(applied) else "untried"
