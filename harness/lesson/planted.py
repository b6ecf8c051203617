"""Chapter 6: every mistake of the catalogue, planted in the loop on a small case that shows it, and what the diagnosis says."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from harness.draw.features import PLAIN
from harness.draw.generate import sample_cases
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.mistakes.catalogue import FAMILY, MISTAKES
from harness.mistakes.diagnosis import diagnose
from harness.mistakes.mistake import Mistake
from references.case import Case
from references.numpy_rnn import run as loop

SIZES = {"time": 12, "batch": 2, "input_size": 3, "hidden_size": 4}
SMALL: dict[str, Any] = {**SIZES, **PLAIN, "regimes": "chaotic"}
# Tried in this order: a mistake is shown on the plainest case that shows it.
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
    {"go_backwards": True},
    {"dtype": "float64"},
    {"batch": 4, "time": 4},
    {"nonlinearity": "sigmoid"},
    {"regimes": "large"},
    {"nonlinearity": "relu", "regimes": "large"},
    {"regimes": "mantissa"},
)
EACH = 12  # cases of each kind
MASKED_IN = 120  # among so many cases with masks allowed, EACH have one


class Shown(NamedTuple):
    """One mistake on one case."""

    name: str
    family: str
    sentence: str
    fix: str
    diagnosis: str
    where: str  # the first output that differs, or what is wrong besides the outputs
    case: str
    right: tuple[float, ...]  # one unit of one row over time, as the loop gives it
    wrong: tuple[float, ...]
    parts: int | None  # the step at which they part; None where these outputs are equal


def planted() -> tuple[Shown, ...]:
    """The whole catalogue, in its order."""
    cases = list(_cases())
    return tuple(shown(mistake, cases) for mistake in MISTAKES)


def shown(mistake: Mistake, cases: list[Case]) -> Shown:
    """The mistake on the first of the cases that shows it. Raises LookupError where none does."""
    for case in cases:
        if not mistake.applies(case):
            continue
        verdict = judge(case, mistake.plant(), mistake.name, calls=2 if mistake.stateful else 1)
        if verdict.kind in ("differs", "crashed"):
            return _shown(mistake, case, verdict)
    raise LookupError(f"none of the lesson's cases shows the mistake {mistake.name}")


def _cases() -> Iterator[Case]:
    for change in CHANGES:
        masked = bool(change.get("masks"))
        drawn = sample_cases(MASKED_IN if masked else EACH, seed=1, **(SMALL | change))
        yield from [case for case in drawn if not masked or case.mask is not None][:EACH]


def _shown(mistake: Mistake, first_case: Case, verdict: Verdict) -> Shown:
    case = verdict.case  # for a mistake that remembers, the case of a second call
    diagnosis = diagnose(first_case, mistake.plant())
    wrong = mistake.plant()
    if case.origin != first_case.origin:
        wrong(first_case)
    right, mistaken, parts = _courses(
        loop(case).sequence, np.asarray(wrong(case).sequence), verdict
    )
    sentence = diagnosis.sentence.partition(" To fix it: ")[0]
    where, described = _where(verdict), _described(case)
    return Shown(
        mistake.name,
        FAMILY[mistake.name],
        mistake.sentence,
        mistake.fix,
        sentence,
        where,
        described,
        right,
        mistaken,
        parts,
    )


def _courses(
    right: np.ndarray, wrong: np.ndarray, verdict: Verdict
) -> tuple[tuple[float, ...], tuple[float, ...], int | None]:
    """One unit over time, right and wrong, and where it parts."""
    row, column, parts = 0, 0, None
    T = min(right.shape[1], wrong.shape[1])
    with np.errstate(all="ignore"):
        apart = wrong[:, :T].astype(np.float64) != right[:, :T]
    if verdict.first and verdict.first.layer == verdict.case.config.num_layers - 1:
        place = verdict.first
        row, column, parts = (
            place.batch,
            place.direction * verdict.case.config.hidden_size + place.unit,
            place.time,
        )
    elif apart.any():
        row, parts, column = (
            int(index) for index in min(np.argwhere(apart), key=lambda at: (at[1], at[0], at[2]))
        )
    return (
        tuple(right[row, :, column].tolist()),
        tuple(wrong[row, :, column].astype(np.float64).tolist()),
        parts,
    )


def _where(verdict: Verdict) -> str:
    place, config = verdict.first, verdict.case.config
    if not place:
        return verdict.reason
    words = [f"layer {place.layer}"] * (config.num_layers > 1) + [
        f"direction {place.direction}"
    ] * config.bidirectional
    words += [f"row {place.batch}", f"step {place.time}", f"unit {place.unit}"]
    second = ", in a second call with other weights" if "second call" in verdict.reason else ""
    difference = abs(place.actual - place.expected)
    digits = 6 if not 0 < difference < 1e-5 * abs(place.expected) else 12
    allowed = (
        f"right arithmetic allows {place.allowed:.2g}"
        if place.allowed
        else "nothing rounds here, so they must be equal"
    )
    return (
        f"{', '.join(words).capitalize()}{second}: {place.actual:.{digits}g}, where {place.expected:.{digits}g} is right. "
        f"They differ by {difference:.2g}; {allowed}"
    )


def _described(case: Case) -> str:
    config = case.config
    words = [
        f"{case.batch} rows",
        f"{case.time} steps",
        f"{config.input_size} inputs",
        f"{config.hidden_size} units",
    ]
    words += [f"{config.num_layers} layers"] * (config.num_layers > 1)
    words += [
        word
        for word, present in (
            ("two directions", config.bidirectional),
            ("go_backwards", config.go_backwards),
            ("a mask", case.mask is not None),
        )
        if present
    ]
    return ", ".join([*words, config.nonlinearity, config.dtype])
