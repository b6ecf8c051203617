"""Which mistakes a user's own check would see."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from harness.judge.observe import first_line
from harness.mistakes.catalogue import MISTAKES
from harness.mistakes.mistake import Mistake, Run
from references.case import Case, Outputs
from references.numpy_rnn import run as loop


@dataclass(frozen=True)
class Audit:
    """The known mistakes, by what the check did with an implementation that makes them."""

    caught: tuple[str, ...]
    missed: tuple[str, ...]
    untried: tuple[
        str, ...
    ] = ()  # which none of the check's cases could have shown: no mask, say, or one layer

    @property
    def score(self) -> float:
        """The share of all that was caught, from 0 to 1."""
        return len(self.caught) / (len(self.caught) + len(self.missed) + len(self.untried))

    def __str__(self) -> str:
        fixes = {mistake.name: mistake.sentence for mistake in MISTAKES}
        lines = [
            f"This check catches {len(self.caught)} of {len(self.caught) + len(self.missed) + len(self.untried)} known mistakes."
        ]
        lines += [f"  missed: {name}. {fixes[name]}" for name in self.missed]
        if self.untried:
            lines.append(
                f"  never tried, since they change nothing on its cases: {', '.join(self.untried)}"
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Audit(caught={len(self.caught)}, missed={len(self.missed)}, untried={len(self.untried)})"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def audit(check: Callable[[Callable[..., Any]], object]) -> Audit:
    """Calls `check(run)` with the right loop, then with every mistake planted; an AssertionError means that it was caught.

    Raises ValueError where the check fails for the right loop already, since then it tells nothing. Whatever else the check raises
    on a mistake counts as caught: it does not pass.
    """
    try:
        check(loop)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        text = first_line(error, repr(error))
        text = (
            text
            if isinstance(error, AssertionError)
            else f"it raised {type(error).__name__}: {text}"
        )
        raise ValueError(f"the check fails for the right loop already: {text}") from error
    caught: list[str] = []
    missed: list[str] = []
    untried: list[str] = []
    for mistake in MISTAKES:
        planted = mistake.plant()
        tried: list[bool] = []

        def run(
            case: Case,
            mistake: Mistake = mistake,
            planted: Run = planted,
            tried: list[bool] = tried,
        ) -> Outputs:
            tried.append(mistake.applies(case))
            return planted(case)

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                check(run)
        except KeyboardInterrupt:
            raise
        except BaseException:  # pytest.fail and sys.exit are none of Exception; an exception of any kind is a check that does not pass
            caught.append(mistake.name)
        else:
            (missed if any(tried) else untried).append(mistake.name)
    return Audit(tuple(caught), tuple(missed), tuple(untried))
