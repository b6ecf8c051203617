"""The verdict on one case, the sentences it prints, and the exceptions that carry it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import Any, Literal

from harness.judge.calls.crash import CrashPlace
from harness.judge.calls.last_outputs import BY_LAST_OUTPUTS, BY_SAMPLE
from harness.printable import one_line, printable
from references.case import Case

Kind = Literal["agrees", "differs", "refused", "crashed", "inconclusive"]
WIDER_DTYPE = (
    "it gives float64 for float32. "
    "To fix it: make buffers in the dtype of the inputs, np.zeros(shape, inputs.dtype)."
)
FAILURES: tuple[Kind, ...] = ("differs", "crashed")
KINDS: tuple[Kind, ...] = ("agrees", "differs", "crashed", "inconclusive", "refused")
COORDINATES = ("layer", "direction", "batch", "time", "unit")


@dataclass(frozen=True)
class Place:
    """The coordinates of an output, and its value beside what is allowed there."""

    layer: int
    direction: int
    batch: int
    time: int
    unit: int
    actual: float
    expected: float  # the centre of the enclosure
    allowed: float  # its radius
    ulp: float  # the difference in units in the last place of the case's dtype
    state: str = "h"  # "c" for an lstm's c_n, at the last step

    @property
    def ratio(self) -> float:
        """The difference as a share of what is allowed."""
        difference = abs(self.actual - self.expected)
        if self.allowed:
            return difference / self.allowed
        return 0.0 if difference == 0 else float("inf")

    def __str__(self) -> str:
        text = ", ".join(f"{name} {getattr(self, name)}" for name in COORDINATES)
        return text if self.state == "h" else f"{self.state}_n, {text}"


@dataclass(frozen=True, repr=False)
class Verdict:
    """The judge's result on one case. Only `agrees` is agreement."""

    kind: Kind
    implementation: str
    case: Case
    reason: str  # one sentence
    outputs: int = 0  # how many were compared, over all layers
    exact: int = 0  # of these, how many had to be equal
    undecided: int = 0  # how many had bounds too wide to prove anything
    wrong: int = 0  # how many lie outside their enclosures
    # How far outside the furthest lies; infinite for NaN, or where a state is not the last output.
    deviation: float = 0.0
    # How much tanh, sigmoid or softsign of each step must be off, of what was tried, to explain it.
    activation_error: float = math.inf
    worst: Place | None = None  # the decided output nearest to its bound, or furthest outside
    first: Place | None = None  # the first output outside
    h_n_checked: bool = False
    c_n_checked: bool = False  # an lstm's
    cause: BaseException | None = None  # what a crashed implementation raised
    crash: CrashPlace | None = None  # where it raised that
    # "import" for a function that could not be had from its file: then there is no case.
    phase: Literal["import", "run"] = "run"
    by_last_outputs: bool = False  # it gives no others: each case was cut to its lengths
    sample: str = ""  # of a long case, which of its lengths, in words
    wider: bool = False  # some outputs have a wider dtype than the case
    # Judges the same outputs with such an error; in the process that called, and where some differ.
    judge_again: "Callable[[float], Verdict] | None" = field(default=None, compare=False)

    @property
    def is_failure(self) -> bool:
        """True where the implementation is wrong: its outputs differ, or it crashed."""
        return self.kind in FAILURES

    @property
    def worst_ratio(self) -> float:
        """|actual - centre| / radius at the worst output; 0 where every output was equal."""
        return self.worst.ratio if self.worst else 0.0

    def is_explained_by(self, activation_error: float) -> bool:
        """Tells whether the outputs are right but for activations that are off by so much."""
        if self.activation_error <= activation_error:
            return True
        if self.judge_again is None:
            return False
        return self.judge_again(activation_error).kind in ("agrees", "inconclusive")

    def __getstate__(self) -> dict[str, Any]:
        """Leaves the outputs behind, which `judge_again` holds."""
        return {**vars(self), "judge_again": None}

    def raise_if_not_verified(self, diagnose: "Callable[[], object] | str" = "") -> "Verdict":
        """Returns this verdict if it agrees, else raises Mismatch, Refused or Inconclusive.

        A Mismatch carries the diagnosis.
        """
        __tracebackhide__ = True
        if self.kind == "agrees":
            return self
        if self.is_failure:
            raise Mismatch(self, diagnose) from self.cause
        raise (Refused if self.kind == "refused" else Inconclusive)(self)

    def details(self) -> list[str]:
        """Returns a line for all that is known of the place and of the outputs."""
        lines = [f"  raised at   {self.crash}"] if self.crash else []
        if self.first:
            place, dtype = self.first, self.case.config.dtype
            difference = abs(place.actual - place.expected)
            exact = " (exact: equal or wrong)" if place.allowed == 0 else ""
            lines += [
                f"  where       {place} (the first that differs)",
                f"  actual      {place.actual!r}",
                f"  expected    {place.expected!r}",
                f"  difference  {difference:.3g}, {place.ulp:.4g} ulp of {dtype}",
                f"  allowed     {place.allowed:.3g}{exact}",
                f"  ratio       {place.ratio:.4g}",
            ]
        if self.outputs:
            final = "checked" if self.h_n_checked else "not checked: none was given"
            if self.case.c_0 is not None and self.c_n_checked != self.h_n_checked:
                final = "h_n checked, c_n not" if self.h_n_checked else "c_n checked, h_n not"
            lines.append(
                f"  outputs     {self.wrong} of {self.outputs} outside, "
                f"{self.exact} had to be equal, {self.undecided} undecided, "
                f"worst ratio {self.worst_ratio:.3g}; final state {final}"
            )
        if self.by_last_outputs:
            sample = f"{BY_SAMPLE} {self.sample}" if self.sample else BY_LAST_OUTPUTS
            lines.append(f"  note        {sample}")
        if self.wider and self.kind == "agrees":
            lines.append(f"  note        {WIDER_DTYPE}")
        return lines

    def __str__(self) -> str:
        lines = [f"{self.implementation} {self.kind}: {self.reason}", *self.details()]
        if self.kind != "agrees" and self.phase == "run":
            lines.append(f"  case        {self.case!r}")
            if self.case.origin:
                lines.append(f"  rebuild     {one_line(self.case.origin)}")
        return printable("\n".join(lines))

    def __repr__(self) -> str:
        text = f"{self.implementation} {self.kind}: {self.reason}"
        return f"Verdict({printable(text, keep='')})"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


class NotVerified(AssertionError):
    """Says that an implementation is not proved to compute the case.

    `verdict` says why, `diagnosis` which mistake it looks like.
    """

    def __init__(self, verdict: Verdict, diagnose: Callable[[], object] | str = "") -> None:
        super().__init__(verdict)
        self.verdict = verdict
        self.diagnose = diagnose

    @cached_property
    def diagnosis(self) -> str:
        """The mistake that reproduces what was observed, in words.

        The search takes a while, so that it starts on the first use.
        """
        return self.diagnose if isinstance(self.diagnose, str) else str(self.diagnose())

    def __str__(self) -> str:
        text = str(self.verdict)
        return f"{text}\n  diagnosis   {printable(self.diagnosis)}" if self.diagnosis else text

    def __reduce__(self) -> tuple[type["NotVerified"], tuple[Verdict, str]]:
        return type(self), (replace(self.verdict, cause=None), self.diagnosis)


class Mismatch(NotVerified):
    """The implementation differs from the loop, or crashed (then `from` its cause)."""


class Refused(NotVerified):
    """The implementation raised Unsupported."""


class Inconclusive(NotVerified):
    """The bounds are too wide to prove anything about this case."""
