"""What each picture shows, in words, for those who do not see it."""

from collections.abc import Callable

import numpy as np

from harness.lesson.material import Material
from harness.lesson.sequences import Together


def in_words(name: str, material: Material) -> str:
    """The text alternative of the picture of that name."""
    return WORDS[name](material)


def _sequences(material: Material) -> str:
    shown = material.single
    narrowest = min(float(other.band.min()) for other in shown.others.values())
    return (
        f"Two plots over {len(shown.loop)} time steps. Above, the outputs of three units from {_names(shown)}: every marker lies on the "
        f"loop's line. Below, on a log axis, the differences: the largest is {_largest(shown, 'difference'):.1e}, and the band of what is "
        f"allowed is never narrower than {narrowest:.1e}."
    )


def _ternary(material: Material) -> str:
    shown = material.ternary
    equal = all(np.array_equal(other.sequence, shown.loop) for other in shown.others.values())
    return (
        f"A grid of {shown.loop.shape[1]} units by {len(shown.loop)} time steps for each of {_names(shown)}. Each cell is minus 1, 0 or 1. "
        f"{'The grids are all the same.' if equal else 'The grids are not all the same.'}"
    )


def _chaos(material: Material) -> str:
    shown = material.chaotic
    return (
        f"Three plots over {len(shown.loop)} time steps. Above, one unit of {_names(shown)}: the lines run together at first and part "
        f"later. In the middle the difference from the loop, on a log axis, growing to {_largest(shown, 'difference'):.1e}. Below, each "
        f"step alone: never more than {_largest(shown, 'share'):.2f} of what is allowed, where 1 is the limit."
    )


def _histogram(material: Material) -> str:
    notebook, scaled = material.blind.notebook, material.blind.scaled
    return (
        f"Two histograms of outputs between minus 1 and 1. On {notebook.title} nearly all stand in the last bar, at 1. On {scaled.title} "
        f"they spread from {scaled.outputs.min():.2f} to {scaled.outputs.max():.2f}, most of them near 0."
    )


def _fading(material: Material) -> str:
    difference = material.fading.difference
    return f"A line on a log axis over {len(difference)} time steps, falling steadily from {difference[0]:.1e} to {difference[-1]:.1e}."


def _names(shown: Together) -> str:
    return " and ".join(["the loop", *shown.others])


def _largest(shown: Together, field: str) -> float:
    return max(float(getattr(other, field).max()) for other in shown.others.values())


WORDS: dict[str, Callable[[Material], str]] = {
    "sequences": _sequences,
    "ternary": _ternary,
    "chaos": _chaos,
    "histogram": _histogram,
    "fading": _fading,
}
