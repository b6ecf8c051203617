"""The audit of a user's own check: the mistakes it catches, the right variants it rejects."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from harness.judge.calls.crash import crash_place
from harness.judge.calls.observe import first_line
from harness.mistakes.catalogue import BY_NAME, of_cells
from harness.mistakes.mistake import Mistake
from harness.mistakes.rejection import Check, Rejection, attempt, rejection
from harness.mistakes.right_variants import right_variants
from references.numpy_rnn import run as loop

LATER = ("coroutine", "generator", "async_generator")  # which run nothing by themselves


class WrongCheck(ValueError):
    """Says that a check fails for the right loop already, or never calls what it is given."""


@dataclass(frozen=True)
class Audit:
    """What a check does with implementations that make a known mistake, and with right ones."""

    caught: tuple[str, ...]
    missed: tuple[str, ...]
    untried: tuple[str, ...] = ()  # apply to none of the check's cases: no mask, say, or one layer
    accepted: tuple[str, ...] = ()  # right variants that round differently on the check's cases
    rejected: tuple[Rejection, ...] = ()  # right variants
    returns: bool = False  # the check returns something

    @property
    def score(self) -> float:
        """The share of all mistakes of its cells that the check catches, from 0 to 1."""
        return len(self.caught) / self._total

    @property
    def _total(self) -> int:
        return len(self.caught) + len(self.missed) + len(self.untried)

    def __str__(self) -> str:
        lines = [f"This check catches {len(self.caught)} of {self._total} known mistakes."]
        lines += [f"  missed: {name}. {BY_NAME[name].sentence}" for name in self.missed]
        if self.missed and self.returns:
            lines.append(
                "  What a check returns does not count: it fails by raising, as assert does."
            )
        if self.untried:
            names = ", ".join(self.untried)
            lines.append(f"  never tried, since they change nothing on its cases: {names}")
        return "\n".join([*lines, self._right(), *(f"  rejects {one}" for one in self.rejected)])

    def _right(self) -> str:
        tried = len(self.accepted) + len(self.rejected)
        if not tried:
            return "No right variant rounds differently on its cases, so it could reject none."
        if not self.rejected:
            names = ", ".join(self.accepted)
            return (
                f"It accepts all {tried} right variants that round differently.\n  accepts {names}"
            )
        return f"It rejects {len(self.rejected)} of {tried} right variants that round differently."

    def __repr__(self) -> str:
        counts = {name: len(names) for name, names in vars(self).items() if name != "returns"}
        return f"Audit({', '.join(f'{name}={count}' for name, count in counts.items())})"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def audit(check: Check, frameworks: Sequence[str] | None = None) -> Audit:
    """Calls `check(run)` with the right loop, with each mistake of its cells, and right variants.

    A check catches a mistake, or rejects a variant, by raising: an AssertionError, or anything
    else. The variants are sums in other orders, and these references; None for all installed.
    Raises WrongCheck, a ValueError, where the check fails for the right loop already, or does not
    call it: it tells nothing then.
    """
    right = attempt(check, loop)
    if right.error:
        text = first_line(right.error, repr(right.error))
        if not isinstance(right.error, AssertionError):
            text = f"it raised {type(right.error).__name__}: {text}"
        # A check in another process leaves its place, for want of a traceback.
        place = getattr(right.error, "place", "") or crash_place(right.error)
        where = f", raised at {place}" if place else ""
        message = f"the check fails for the right loop already: {text}{where}"
        raise WrongCheck(message) from right.error
    if not right.calls:
        if _type_name(right.result) in LATER:
            what = f"the check gives a {_type_name(right.result)}, of which nothing was run"
            raise WrongCheck(f"{what}: let a function run it")
        raise WrongCheck("the check never calls the function that it is given: call run(case)")
    cells = {case.config.cell for case in right.cases}
    fates = {mistake.name: _fate(mistake, check) for mistake in of_cells(cells)}
    caught, missed, untried = (
        tuple(name for name in fates if fates[name] == fate)
        for fate in ("caught", "missed", "untried")
    )
    accepted, rejected = _right_variants(check, frameworks, right.calls)
    return Audit(caught, missed, untried, accepted, rejected, right.result is not None)


def _type_name(value: object) -> str:
    """Names the type of what a check returned; in another process that was done already."""
    return value if isinstance(value, str) else type(value).__name__


def _right_variants(
    check: Check, frameworks: Sequence[str] | None, calls: int
) -> tuple[tuple[str, ...], tuple[Rejection, ...]]:
    """The variants that the check accepts, and those that it rejects; neither if they refuse."""
    accepted, rejected = [], []
    for name, variant in right_variants(frameworks).items():
        trial = attempt(check, variant)
        if trial.refuses:
            continue
        if trial.error is None:
            accepted += [name] if trial.rounds else []
        elif one := rejection(check, name, variant, trial, calls):
            rejected.append(one)
    return tuple(accepted), tuple(rejected)


def _fate(mistake: Mistake, check: Check) -> str:
    """The field of Audit to which this mistake belongs."""
    trial = attempt(check, mistake.plant())
    if trial.error:
        return "caught"
    return "missed" if any(map(mistake.applies, trial.cases)) else "untried"
