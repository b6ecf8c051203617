"""Chapter 6: each mistake of the catalogue, planted in the loop, on a small case that shows it."""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from harness.draw.features import PLAIN
from harness.draw.generate import sample_cases
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.mistakes.catalogue import FAMILY, MISTAKES
from harness.mistakes.causes.diagnosis import diagnose
from harness.mistakes.mistake import Mistake
from references.case import Case
from references.numpy_rnn import run as loop

SMALL: dict[str, Any] = {
    **PLAIN,
    "time": 12,
    "batch": 2,
    "input_size": 3,
    "hidden_size": 4,
    "regimes": "chaotic",
}
# In this order: an example is the plainest case on which the judge catches the mistake.
CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"initial_states": True},
    {"input_size": 4},
    {"masks": True},
    {"nonlinearity": "relu"},
    {"bidirectional": True},
    {"bidirectional": True, "initial_states": True},
    {"num_layers": 2},
    {"num_layers": 2, "initial_states": True},
    {"num_layers": 3},
    {"num_layers": 2, "input_size": 4},
    {"num_layers": 3, "input_size": 4},
    {"go_backwards": True},
    {"dtype": "float64"},
    {"regimes": "tiny"},
    {"hidden_size": 9},
    {"batch": 4, "time": 4},
    {"nonlinearity": "sigmoid"},
    {"regimes": "large"},
    {"nonlinearity": "relu", "regimes": "large"},
    {"regimes": "mantissa"},
)
EACH = 12  # cases of each kind
THIN = 0.03  # of a picture's height: lines that are closer all along cannot be told apart
WITH_MASKS = 120  # of so many cases that may have a mask, EACH have one


class Example(NamedTuple):
    """One mistake on one case."""

    mistake: Mistake
    family: str
    diagnosis: str
    where: str  # the first output that differs, or what is wrong besides the outputs
    case: str  # in words
    right: tuple[float, ...]  # one unit of one row over time, by the loop
    wrong: tuple[float, ...]  # none where the outputs have another shape
    split: int | None  # the first step at which the two differ; None where they are equal

    @property
    def difference(self) -> tuple[float, ...]:
        """|wrong - right| at each step that both have."""
        pairs = zip(self.right, self.wrong, strict=False)
        return tuple(abs(wrong - right) for right, wrong in pairs)

    @property
    def coincide(self) -> bool:
        """The two differ, but by so little that their lines lie on one another in a picture."""
        finite = list(filter(math.isfinite, (*self.right, *self.wrong)))
        height = max(finite) - min(finite)
        largest = max(filter(math.isfinite, self.difference), default=0.0)
        return 0 < largest <= THIN * height


def examples(progress: Callable[[str], None] = lambda name: None) -> tuple[Example, ...]:
    """The whole catalogue, in its order; `progress` is called with each mistake's name."""
    cases = list(example_cases())
    result = []
    for mistake in MISTAKES:
        progress(mistake.name)
        result.append(example(mistake, cases))
    return tuple(result)


def example(mistake: Mistake, cases: list[Case]) -> Example:
    """The mistake on the first case on which the judge catches it, or raises LookupError."""
    for case in filter(mistake.applies, cases):
        verdict = judge(case, mistake.plant(), mistake.name, calls=2 if mistake.stateful else 1)
        if verdict.is_failure:
            return _example(mistake, case, verdict)
    raise LookupError(f"the judge catches {mistake.name} on none of the lesson's cases")


def example_cases() -> Iterator[Case]:
    """The lesson's cases, the plainest first."""
    for change in CHANGES:
        masks = "masks" in change
        cases = sample_cases(WITH_MASKS if masks else EACH, seed=1, **(SMALL | change))
        yield from [case for case in cases if masks == (case.mask is not None)][:EACH]


def _example(mistake: Mistake, first: Case, verdict: Verdict) -> Example:
    """The verdict's case is that of a second call where the mistake remembers the first one."""
    case, run = verdict.case, mistake.plant()
    if case.origin != first.origin:
        run(first)
    right, wrong = loop(case).sequence, np.asarray(run(case).sequence)
    split, row, column = _first_difference(right, wrong, verdict)
    has_line = wrong.ndim == 3 and wrong.shape[::2] == right.shape[::2]
    diagnosis = diagnose(first, mistake.plant()).sentence.partition(" To fix it: ")[0]
    return Example(
        mistake,
        FAMILY[mistake.name],
        diagnosis,
        _where(verdict),
        _in_words(case),
        tuple(right[row, :, column].tolist()),
        tuple(wrong[row, :, column].astype(np.float64).tolist()) if has_line else (),
        split,
    )


def _first_difference(
    right: np.ndarray, wrong: np.ndarray, verdict: Verdict
) -> tuple[int | None, int, int]:
    """The step, row and column of the first difference; no step where the sequences are equal."""
    place, config = verdict.first, verdict.case.config
    if place and place.layer == config.num_layers - 1:
        return place.time, place.batch, place.direction * config.hidden_size + place.unit
    if wrong.ndim != 3 or wrong.shape[::2] != right.shape[::2]:
        return None, 0, 0
    T = min(right.shape[1], wrong.shape[1])
    with np.errstate(all="ignore"):
        differs = wrong[:, :T].astype(np.float64) != right[:, :T]
    places = np.argwhere(differs.swapaxes(0, 1)).tolist()
    return tuple(places[0]) if places else (None, 0, 0)  # type: ignore[return-value]


def _where(verdict: Verdict) -> str:
    place, config = verdict.first, verdict.case.config
    if not place:
        return verdict.reason
    words = [f"layer {place.layer}"] * (config.num_layers > 1)
    words += [f"direction {place.direction}"] * config.bidirectional
    words += [f"row {place.batch}", f"step {place.time}", f"unit {place.unit}"]
    words += ["in a second call with other weights"] * ("second call" in verdict.reason)
    difference = abs(place.actual - place.expected)
    digits = 12 if 0 < difference < 1e-5 * abs(place.expected) else 6
    rounding = f"right arithmetic allows {place.allowed:.2g}"
    return (
        f"{', '.join(words).capitalize()}: {place.actual:.{digits}g}, "
        f"where {place.expected:.{digits}g} is right. They differ by {difference:.2g}; "
        f"{rounding if place.allowed else 'nothing rounds here, so they must be equal'}"
    )


def _in_words(case: Case) -> str:
    config = case.config
    words = [f"{case.batch} rows", f"{case.time} steps"]
    words += [f"{config.input_size} inputs", f"{config.hidden_size} units"]
    words += [f"{config.num_layers} layers"] * (config.num_layers > 1)
    words += ["two directions"] * config.bidirectional + ["go_backwards"] * config.go_backwards
    words += ["a mask"] * (case.mask is not None)
    return ", ".join([*words, config.nonlinearity, config.dtype])
