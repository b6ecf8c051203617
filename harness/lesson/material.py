"""Everything that the lesson shows, computed once; the page and the notebook are made from it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from harness.draw.example import notebook_case
from harness.judge.calls.observe import Implementation
from harness.lesson.allclose import Allclose, allclose
from harness.lesson.bound import Bound, bound
from harness.lesson.examples import Example, examples
from harness.lesson.experiments import Experiment, chaotic, experiment, ternary
from harness.lesson.fading import Fading, fading
from harness.lesson.loop import Steps, steps
from harness.lesson.mirror import Mirror, mirror
from harness.mistakes.catalogue import MISTAKES
from harness.mistakes.right_variants import RIGHT
from harness.runs.environment import environment
from references import REFERENCES, default_frameworks, load, module

REORDERED = "Reordered loop"  # beside the loop where no framework is


@dataclass(frozen=True)
class Material:
    """The lesson's data, chapter by chapter."""

    frameworks: tuple[str, ...]  # the references beside the loop; none for a class without them
    steps: Steps
    mirror: Mirror
    single: Experiment  # the scaled example in float32
    double: Experiment  # the same in float64
    ternary: Experiment
    chaotic: Experiment
    bounds: tuple[Bound, Bound]  # of one output, in float32 and float64
    allclose: Allclose
    examples: tuple[Example, ...]
    fading: Fading
    versions: dict[str, str]


def frameworks(numpy_only: bool) -> tuple[str, ...]:
    """The names of the references beside the loop, torch first; imports none of them."""
    return () if numpy_only else default_frameworks()


def stage_count(numpy_only: bool = False) -> int:
    """How many stages `build` tells of."""
    return len(frameworks(numpy_only)) + 2 + len(MISTAKES)


def build(
    numpy_only: bool = False, progress: Callable[[str], None] = lambda stage: None
) -> Material:
    """Computes the lesson. Imports every installed framework, or none at all with `numpy_only`.

    `progress` is called before each stage, with the stage in words.
    """
    names = frameworks(numpy_only)
    beside: dict[str, Implementation] = {}
    for name in names:
        title = REFERENCES[name].title
        progress(f"loading {title}")
        beside[title] = load(name)
    progress("running the loop and the others")
    beside = beside or {REORDERED: RIGHT["sums from the other end"]}
    single, double = (
        experiment(notebook_case(True, dtype, seed=0), beside) for dtype in ("float32", "float64")
    )
    others = [experiment(case(), beside) for case in (ternary, chaotic)]
    progress("testing np.allclose")
    return Material(
        frameworks=names,
        steps=steps(),
        mirror=mirror(names),
        single=single,
        double=double,
        ternary=others[0],
        chaotic=others[1],
        bounds=(bound(single, time=1, unit=0), bound(double, time=1, unit=0)),
        allclose=allclose(),
        examples=examples(progress),
        fading=fading(),
        versions={"rnn-parity": version("rnn-parity"), **_versions(names)},
    )


def _versions(names: tuple[str, ...]) -> dict[str, str]:
    """The facts that decide rounding, without those of frameworks that the lesson leaves out."""
    loaded = [name for name, row in REFERENCES.items() if row.needs and row.module in sys.modules]
    others = [module(name) for name in loaded if name not in names]
    unused = {fact for other in others for fact in getattr(other, "facts", dict)()}
    return {fact: value for fact, value in environment(names).items() if fact not in unused}
