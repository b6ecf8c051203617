"""The plots, each drawn twice: for a wide page and for a phone."""

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from harness.lesson.alt_texts import alt_text
from harness.lesson.experiments import Experiment
from harness.lesson.material import Material
from harness.lesson.svg import BAND, FIRST, INK, SECOND, SOFT, STYLE, THIRD, page_svg

WIDE, NARROW = 700, 340  # CSS pixels
POINT = 72.0  # matplotlib's points to the inch; the SVG's units are read as pixels
UNITS = 3  # so many are plotted, from the first on
# The implementations beside the loop, which a reader tells apart by their markers, too.
LOOKS = (
    {"color": SECOND, "marker": "o", "markerfacecolor": "none"},
    {"color": THIRD, "marker": "x"},
    {"color": SOFT, "marker": "+"},
)


class Picture(NamedTuple):
    """The same picture for a wide and for a narrow page; a notebook shows the wide one."""

    wide: str
    narrow: str

    def _repr_svg_(self) -> str:
        return self.wide


def picture(name: str, material: Material) -> Picture:
    """The picture of that name, one of PICTURES."""
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        return Picture(
            *(
                page_svg(
                    PICTURES[name](material, width), f"{name}-{width}", alt_text(name, material)
                )
                for width in (WIDE, NARROW)
            )
        )


def _figure(
    width: int, heights: Sequence[float], columns: int = 1, xlabel: str = "time step"
) -> tuple[Figure, list[Any]]:
    """Panels below one another, heights in pixels."""
    figure = Figure(figsize=(width / POINT, sum(heights) / POINT), layout="constrained")
    grid = figure.subplots(len(heights), columns, squeeze=False, height_ratios=list(heights))
    for axes in grid[-1]:
        axes.set_xlabel(xlabel)
    return figure, list(grid.flat)


def _plot(axes: Any, lines: Mapping[str, np.ndarray], **style: Any) -> None:
    """A line for each title, or one for each column of what stands under it."""
    for look, (title, values) in zip(cycle(LOOKS), lines.items(), strict=False):
        axes.plot(values, label=_labels(title, values), **look, **style)


def _labels(title: str, values: np.ndarray) -> str | list[str]:
    """The title once, however many columns there are: matplotlib's legend ignores "_"."""
    return title if values.ndim == 1 else [title, *["_"] * (values.shape[1] - 1)]


def _everyone(experiment: Experiment, field: str, floor: float = -np.inf) -> dict[str, np.ndarray]:
    return {
        title: np.maximum(getattr(outcome, field), floor)
        for title, outcome in experiment.outcomes.items()
    }


def _floor(experiment: Experiment) -> float:
    """Where a difference of 0 is drawn on a log axis."""
    return float(experiment.ulp.max()) / 64


def _log(axes: Any, low: float, high: float, width: int) -> None:
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.minorticks_off()
    axes.grid(axis="y")
    if width == NARROW:
        axes.tick_params(axis="y", labelsize=10)


def _legend(axes: Any, width: int) -> None:
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.09),
        ncols=4 if width == WIDE else 2,
        borderaxespad=0,
        handlelength=1.6,
        columnspacing=1.2,
    )


def _sequences(material: Material, width: int) -> Figure:
    single = material.single
    figure, (top, bottom) = _figure(width, (250, 300))
    units = single.loop[:, :UNITS]
    top.plot(units, color=FIRST, label=_labels("the loop", units))
    markers = {title: one.sequence[:, :UNITS] for title, one in single.outcomes.items()}
    _plot(top, markers, linestyle="none", markersize=5, markeredgewidth=1.1)
    top.set_title(f"Outputs of units 0 to {UNITS - 1}")
    top.margins(y=0.15)
    top.grid(axis="y")
    _legend(top, width)
    _differences(bottom, single, width)
    bottom.set_title("Largest difference from the loop at each step")
    return figure


def _differences(axes: Any, experiment: Experiment, width: int) -> None:
    """On a log axis: the allowed band, one ulp, and each implementation."""
    band = np.min([one.band for one in experiment.outcomes.values()], axis=0)
    floor = _floor(experiment)
    _log(axes, floor / 2, max(float(band.max()), experiment.largest("difference")) * 8, width)
    axes.fill_between(
        range(len(band)), floor / 2, band, color=BAND, lw=0, label="allowed in one step"
    )
    axes.plot(band, color=SOFT, linewidth=1.2)
    axes.plot(experiment.ulp, color=INK, linestyle="--", linewidth=1.2, label="one ulp")
    _plot(axes, _everyone(experiment, "difference", floor), markersize=4, linewidth=1)
    _legend(axes, width)


def _ternary(material: Material, width: int) -> Figure:
    grids = {"The loop": material.ternary.loop, **_everyone(material.ternary, "sequence")}
    T, H = material.ternary.loop.shape
    height = H * (width - 40) / T * (0.62 if width == WIDE else 1.0) + 50
    figure, panels = _figure(width, [height] * len(grids))
    for axes, (title, sequence) in zip(panels, grids.items(), strict=True):
        for value, colour, sign in ((-1, INK, "_"), (0, SOFT, "."), (1, FIRST, "+")):
            t, unit = np.nonzero(sequence == value)
            if value == 1:
                axes.bar(t, 1, bottom=unit - 0.5, width=1, color=BAND)
            size = 40 if width == WIDE else 22
            axes.scatter(t, unit, marker=sign, color=colour, s=size, linewidths=1.5)
        axes.set(xlim=(-0.5, T - 0.5), ylim=(H - 0.5, -0.5), yticks=[0, H - 1], ylabel="unit")
        axes.set_title(title)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
    return figure


def _chaos(material: Material, width: int) -> Figure:
    chaotic, unit = material.chaotic, 0
    figure, (top, middle, bottom) = _figure(width, (250, 250, 250))
    top.plot(chaotic.loop[:, unit], color=FIRST, label="the loop")
    lines = {title: one.sequence[:, unit] for title, one in chaotic.outcomes.items()}
    _plot(top, lines, markersize=4, linewidth=0.8)
    top.set(title=f"Output of unit {unit}", ylim=(-1.15, 1.15))
    _legend(top, width)
    floor = _floor(chaotic)
    _log(middle, floor, 10, width)
    _plot(middle, _everyone(chaotic, "difference", floor), markersize=3, linewidth=1)
    middle.set_title("Difference from the loop's own sequence")
    bottom.axhspan(0, 1, color=BAND, linewidth=0, label="allowed")
    bottom.axhline(1, color=SOFT, linewidth=1.2)
    _plot(bottom, _everyone(chaotic, "share"), markersize=3, linewidth=1)
    bottom.set_ylim(0, max(1.1, chaotic.largest("share")))
    _legend(bottom, width)
    bottom.set_title("Each step alone: share of what is allowed")
    return figure


def _histogram(material: Material, width: int) -> Figure:
    heights, columns = ((260,), 2) if width == WIDE else ((200, 200), 1)
    figure, panels = _figure(width, heights, columns, "output")
    data = (material.allclose.notebook, material.allclose.scaled)
    for axes, one in zip(panels, data, strict=True):
        axes.hist(one.outputs.ravel(), np.linspace(-1, 1, 41), color=FIRST)
        title = one.title[0].upper() + one.title[1:]
        axes.set(title=title, xlim=(-1.05, 1.05), ylabel="how many outputs")
        axes.grid(axis="y")
    return figure


def _fading(material: Material, width: int) -> Figure:
    figure, (axes,) = _figure(width, (260,))
    difference = material.fading.difference
    _log(axes, float(difference.min()) / 4, 10, width)
    axes.plot(difference, color=FIRST, marker="o", markersize=4)
    axes.set_title("Largest difference between the two starts")
    return figure


PICTURES: dict[str, Callable[[Material, int], Figure]] = {
    "sequences": _sequences,
    "ternary": _ternary,
    "chaos": _chaos,
    "histogram": _histogram,
    "fading": _fading,
}
