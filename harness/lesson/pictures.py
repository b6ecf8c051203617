"""The plots, each drawn twice: for a wide page and for a phone."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from harness.lesson.in_words import in_words
from harness.lesson.material import Material
from harness.lesson.sequences import Together
from harness.lesson.svg import BAND, FIRST, INK, SECOND, SOFT, STYLE, THIRD, page_svg

WIDE, NARROW = 700, 340  # CSS pixels
POINT = 72.0  # matplotlib's points to the inch; the SVG's units are read as pixels
SHOWN_UNITS = (0, 1, 2)
LOOKS = (
    {"color": SECOND, "marker": "o"},
    {"color": THIRD, "marker": "x"},
)  # the others, told apart by their markers too


class Picture(NamedTuple):
    """The same picture for a wide and for a narrow page; a notebook shows the wide one."""

    wide: str
    narrow: str

    def _repr_svg_(self) -> str:
        return self.wide


def picture(name: str, material: Material) -> Picture:
    """The picture of that name, one of PICTURES."""
    drawn = []
    for width in (WIDE, NARROW):
        with mpl.rc_context(STYLE):  # type: ignore[arg-type]
            drawn.append(
                page_svg(
                    PICTURES[name](material, width), f"{name}-{width}", in_words(name, material)
                )
            )
    return Picture(*drawn)


def _figure(width: int, heights: Sequence[float], columns: int = 1) -> tuple[Figure, list[Any]]:
    """Panels below one another, heights in pixels."""
    figure = Figure(figsize=(width / POINT, sum(heights) / POINT), layout="constrained")
    grid = figure.subplots(len(heights), columns, squeeze=False, height_ratios=list(heights))
    return figure, list(grid.flat)


def _log(axes: Any, low: float, high: float, width: int) -> None:
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.minorticks_off()
    axes.grid(axis="y")
    if width == NARROW:
        axes.tick_params(axis="y", labelsize=10)


def _sequences(material: Material, width: int) -> Figure:
    shown, figure_and_axes = material.single, _figure(width, (250, 300))
    figure, (top, bottom) = figure_and_axes
    t = np.arange(len(shown.loop))
    for unit in SHOWN_UNITS:
        top.plot(
            t,
            shown.loop[:, unit],
            color=FIRST,
            label="the loop" if unit == SHOWN_UNITS[0] else None,
        )
        for look, (title, other) in zip(LOOKS, shown.others.items(), strict=False):
            label = title if unit == SHOWN_UNITS[0] else None
            face = {"markerfacecolor": "none"} if look["marker"] == "o" else {}
            top.plot(
                t,
                other.sequence[:, unit],
                linestyle="none",
                markersize=5,
                markeredgewidth=1.1,
                label=label,
                **look,
                **face,
            )
    top.set_title(f"Outputs of units {SHOWN_UNITS[0]}, {SHOWN_UNITS[1]} and {SHOWN_UNITS[2]}")
    top.margins(y=0.15)
    top.grid(axis="y")
    _legend(top, width)
    _differences(bottom, shown, width)
    bottom.set_title("Largest difference from the loop at each step")
    bottom.set_xlabel("time step")
    return figure


def _differences(axes: Any, shown: Together, width: int) -> None:
    """On a log axis: the allowed band, one ulp, and each implementation; what is equal lies on the floor."""
    t = np.arange(len(shown.loop))
    band = np.min([other.band for other in shown.others.values()], axis=0)
    largest = max(float(other.difference.max()) for other in shown.others.values())
    floor = float(shown.ulp.max()) / 64
    _log(axes, floor / 2, max(float(band.max()), largest) * 8, width)
    axes.fill_between(t, floor / 2, band, color=BAND, linewidth=0, label="allowed in one step")
    axes.plot(t, band, color=SOFT, linewidth=1.2)
    axes.plot(t, shown.ulp, color=INK, linestyle="--", linewidth=1.2, label="one ulp")
    for look, (title, other) in zip(LOOKS, shown.others.items(), strict=False):
        axes.plot(
            t, np.maximum(other.difference, floor), markersize=4, linewidth=1, label=title, **look
        )
    _legend(axes, width)


def _legend(axes: Any, width: int) -> None:
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.09),
        ncols=4 if width == WIDE else 2,
        borderaxespad=0,
        handlelength=1.6,
        columnspacing=1.2,
    )


def _ternary(material: Material, width: int) -> Figure:
    shown = material.ternary
    grids = {
        "The loop": shown.loop,
        **{title: other.sequence for title, other in shown.others.items()},
    }
    side = (width - 40) / len(shown.loop)
    figure, panels = _figure(
        width, [shown.loop.shape[1] * side * (0.62 if width == WIDE else 1.0) + 50] * len(grids)
    )
    for axes, (title, sequence) in zip(panels, grids.items(), strict=True):
        T, H = sequence.shape
        for value, colour, sign in ((-1, INK, "_"), (0, SOFT, "."), (1, FIRST, "+")):
            t, unit = np.nonzero(sequence == value)
            if value == 1:
                axes.bar(t, 1, bottom=unit - 0.5, width=1, color=BAND)
            axes.scatter(
                t, unit, marker=sign, color=colour, s=40 if width == WIDE else 22, linewidths=1.5
            )
        axes.set(xlim=(-0.5, T - 0.5), ylim=(H - 0.5, -0.5), yticks=[0, H - 1], ylabel="unit")
        axes.set_title(title)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
    panels[-1].set_xlabel("time step")
    return figure


def _chaos(material: Material, width: int) -> Figure:
    shown, unit = material.chaotic, 0
    figure, (top, middle, bottom) = _figure(width, (250, 250, 250))
    t = np.arange(len(shown.loop))
    top.plot(t, shown.loop[:, unit], color=FIRST, label="the loop")
    for look, (title, other) in zip(LOOKS, shown.others.items(), strict=False):
        face = {"markerfacecolor": "none"} if look["marker"] == "o" else {}
        top.plot(
            t, other.sequence[:, unit], markersize=4, linewidth=0.8, label=title, **look, **face
        )
    top.set_title(f"Output of unit {unit}")
    top.set_ylim(-1.15, 1.15)
    _legend(top, width)
    floor = float(shown.ulp.max()) / 64
    _log(middle, floor, 10, width)
    for look, (title, other) in zip(LOOKS, shown.others.items(), strict=False):
        middle.plot(
            t, np.maximum(other.difference, floor), markersize=3, linewidth=1, label=title, **look
        )
    middle.set_title("Difference from the loop's own course")
    bottom.axhspan(0, 1, color=BAND, linewidth=0, label="allowed")
    bottom.axhline(1, color=SOFT, linewidth=1.2)
    for look, (title, other) in zip(LOOKS, shown.others.items(), strict=False):
        bottom.plot(t, other.share, markersize=3, linewidth=1, label=title, **look)
    bottom.set_ylim(0, max(1.1, *(float(other.share.max()) for other in shown.others.values())))
    _legend(bottom, width)
    bottom.set_title("Each step alone: share of what is allowed")
    bottom.set_xlabel("time step")
    return figure


def _histogram(material: Material, width: int) -> Figure:
    data = (material.blind.notebook, material.blind.scaled)
    figure, panels = _figure(width, (260,), 2) if width == WIDE else _figure(width, (200, 200))
    bins = np.linspace(-1, 1, 41)
    for axes, shown in zip(panels, data, strict=True):
        axes.hist(shown.outputs.ravel(), bins, color=FIRST)
        axes.set(
            title=f"{shown.title[0].upper()}{shown.title[1:]}",
            xlim=(-1.05, 1.05),
            ylabel="how many outputs",
        )
        axes.grid(axis="y")
    panels[-1].set_xlabel("output")
    if width == WIDE:
        panels[0].set_xlabel("output")
    return figure


def _fading(material: Material, width: int) -> Figure:
    figure, (axes,) = _figure(width, (260,))
    difference = material.fading.difference
    _log(axes, float(difference.min()) / 4, 10, width)
    axes.plot(np.arange(len(difference)), difference, color=FIRST, marker="o", markersize=4)
    axes.set(xlabel="time step", title="Largest difference between the two starts")
    return figure


PICTURES: dict[str, Callable[[Material, int], Figure]] = {
    "sequences": _sequences,
    "ternary": _ternary,
    "chaos": _chaos,
    "histogram": _histogram,
    "fading": _fading,
}
