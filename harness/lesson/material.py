"""Everything that the lesson shows, computed once from what is installed; the page and the notebook are made from it."""

import sys
from dataclasses import dataclass
from importlib.metadata import version

from harness.lesson import sequences
from harness.lesson.blind import Blind, blind
from harness.lesson.bound import Bound, bound
from harness.lesson.contestants import contestants, frameworks
from harness.lesson.exercises import Fading, fading
from harness.lesson.loop import Steps, steps
from harness.lesson.mirror import Mirror, mirror
from harness.lesson.planted import Shown, planted
from harness.lesson.sequences import Together, together
from harness.runs.environment import environment
from references import REFERENCES, module


@dataclass(frozen=True)
class Material:
    """The lesson's data, chapter by chapter."""

    frameworks: tuple[
        str, ...
    ]  # the references shown beside the loop; none for a class without frameworks
    steps: Steps
    mirror: Mirror
    single: Together  # the scaled example in float32
    double: Together  # the same in float64
    ternary: Together
    chaotic: Together
    bounds: tuple[Bound, Bound]  # of one output, in float32 and float64
    blind: Blind
    planted: tuple[Shown, ...]
    fading: Fading
    versions: dict[str, str]


def build(numpy_only: bool = False) -> Material:
    """Computes the lesson. Imports every installed framework, or none at all with `numpy_only`."""
    names = frameworks(numpy_only)
    others = contestants(names)
    single, double = (together(sequences.scaled(dtype), others) for dtype in ("float32", "float64"))
    return Material(
        frameworks=names,
        steps=steps(),
        mirror=mirror(names),
        single=single,
        double=double,
        ternary=together(sequences.ternary(), others),
        chaotic=together(sequences.chaotic(), others),
        bounds=(bound(single, time=1, unit=0), bound(double, time=1, unit=0)),
        blind=blind(),
        planted=planted(),
        fading=fading(),
        versions={"rnn-parity": version("rnn-parity"), **_versions(names)},
    )


def _versions(names: tuple[str, ...]) -> dict[str, str]:
    """What decides rounding, without the facts of frameworks that are loaded but not shown."""
    unshown = [
        name
        for name, row in REFERENCES.items()
        if row.needs and row.module in sys.modules and name not in names
    ]
    left_out = {fact for name in unshown for fact in module(name).facts()}
    return {fact: value for fact, value in environment(names).items() if fact not in left_out}
