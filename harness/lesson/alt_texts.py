"""The text alternatives of the pictures, for readers who do not see them."""

from collections.abc import Callable

import numpy as np

from harness.lesson.experiments import Experiment
from harness.lesson.material import Material


def alt_text(name: str, material: Material) -> str:
    """The text alternative of the picture of that name."""
    return ALT_TEXTS[name](material)


def _sequences(material: Material) -> str:
    single = material.single
    narrowest = min(float(one.band.min()) for one in single.outcomes.values())
    return (
        f"Two plots over {len(single.loop)} time steps. Above, the outputs of three units from "
        f"{_everyone(single)}: every marker lies on the loop's line. Below, on a log axis, the "
        f"differences: the largest is {single.largest('difference'):.1e}, and the band of what "
        f"is allowed is never narrower than {narrowest:.1e}."
    )


def _ternary(material: Material) -> str:
    T, H = material.ternary.loop.shape
    sequences = [one.sequence for one in material.ternary.outcomes.values()]
    equal = all(np.array_equal(sequence, material.ternary.loop) for sequence in sequences)
    return (
        f"A grid of {H} units by {T} time steps for each of {_everyone(material.ternary)}. "
        f"Each cell is minus 1, 0 or 1. The grids are {'' if equal else 'not '}all the same."
    )


def _chaos(material: Material) -> str:
    chaotic = material.chaotic
    return (
        f"Three plots over {len(chaotic.loop)} time steps. Above, one unit of "
        f"{_everyone(chaotic)}: the lines run together at first and part later. In the middle, on "
        f"a log axis, the difference from the loop: it grows to "
        f"{chaotic.largest('difference'):.1e}. Below, each step alone: never more than "
        f"{chaotic.largest('share'):.2f} of what is allowed, where 1 is the limit."
    )


def _histogram(material: Material) -> str:
    notebook, scaled = material.allclose.notebook, material.allclose.scaled
    return (
        f"Two histograms of outputs between minus 1 and 1. On {notebook.title} nearly all are in "
        f"the last bar, at 1. On {scaled.title} they spread from {scaled.outputs.min():.2f} to "
        f"{scaled.outputs.max():.2f}, most of them near 0."
    )


def _fading(material: Material) -> str:
    difference = material.fading.difference
    return (
        f"A line on a log axis over {len(difference)} time steps, falling steadily from "
        f"{difference[0]:.1e} to {difference[-1]:.1e}."
    )


def _everyone(experiment: Experiment) -> str:
    return " and ".join(["the loop", *experiment.outcomes])


ALT_TEXTS: dict[str, Callable[[Material], str]] = {
    "sequences": _sequences,
    "ternary": _ternary,
    "chaos": _chaos,
    "histogram": _histogram,
    "fading": _fading,
}
