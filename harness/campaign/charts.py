"""Draws the pictures of a campaign's page as SVG with matplotlib: ratios, coverage, memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from harness.campaign.progress import SHORT
from harness.campaign.tally import LOWEST
from harness.lesson.svg import FIRST, RULE, SECOND, SOFT, STYLE, THIRD, page_svg

COLOURS = (FIRST, SECOND, THIRD, SOFT)
DASHES = ("-", "--", ":")
LONGEST = 30  # characters of a name beside a picture: its end says more than its beginning
LINES = len(COLOURS) * len(DASHES)  # in one picture
PLAIN = "{x:,.0f}"  # powers as formulas take a fifth of a picture's time


def histogram(implementation: Mapping[str, Any], name: str) -> str:
    """Draws the cases of one implementation by their worst ratio.

    There is a bar for 0, one for each power of two, and one for everything above 1.
    """
    counts = implementation["histogram"]
    with _axes(4.4, 2.0, **{"font.size": 10}) as (figure, axes):
        axes.bar(range(len(counts) - 1), counts[:-1], width=0.85, color=FIRST)
        axes.bar(len(counts) - 1, counts[-1], width=0.85, color=SECOND)
        axes.set_yscale("symlog", linthresh=1)
        axes.yaxis.set_major_formatter(PLAIN)
        axes.set_ylim(0, 10 ** len(str(max(*counts, 1))))
        axes.set_xlim(-0.7, len(counts) - 0.3)
        ticks = {0: "0", LOWEST - 15: "2⁻¹⁶", LOWEST - 7: "2⁻⁸", LOWEST + 1: "1"}
        axes.set_xticks(list(ticks), list(ticks.values()))
        axes.grid(axis="y")
        axes.set_ylabel("cases")
        bars = (
            f"{sum(counts):,} cases by worst ratio, {counts[0]:,} at 0 and {counts[-1]:,} above 1"
        )
        return page_svg(figure, name, f"{implementation['name']}: {bars}")


def growth(implementations: Sequence[Mapping[str, Any]]) -> str:
    """Draws the pairs of features that each implementation has computed, by cases."""
    with _axes(8.6, 3.4) as (figure, axes):
        largest = sorted(implementations, key=lambda one: -one["cases"])[:LINES]
        for number, one in enumerate(largest):
            steps = [*one["coverage"]["growth"], [one["cases"], one["coverage"]["judged"]]]
            cases, pairs = zip(*steps, strict=True)
            axes.step(cases, pairs, where="post", label=one["name"], **_line(number))
        axes.axhline(max(one["coverage"]["pairs"] for one in largest), color=RULE)
        axes.set(xscale="log", xlabel="cases", ylabel="pairs", ylim=(0, None))
        axes.xaxis.set_major_formatter(PLAIN)
        _add_legend(figure, axes)
        return page_svg(figure, "growth", "Pairs of features judged, by cases")


def memory(run: Mapping[str, Any]) -> str:
    """Draws the resident memory of worker processes at the end of each shard, by time."""
    with _axes(8.6, 3.0) as (figure, axes):
        points: dict[str, list[tuple[float, int]]] = {}
        is_short = max(seconds for seconds, *_ in run["memory"]) < SHORT
        for seconds, group, mebibytes in run["memory"]:
            points.setdefault(group, []).append((seconds / (1 if is_short else 60), mebibytes))
        for number, group in enumerate([*points][:LINES]):
            style = _line(number) | {"linewidth": 0.8, "marker": ".", "markersize": 3}
            axes.plot(*zip(*points[group], strict=True), label=group, **style)
        axes.set(xlabel="seconds" if is_short else "minutes", ylabel="MiB", ylim=(0, None))
        axes.xaxis.set_major_locator(MaxNLocator(integer=False))
        _add_legend(figure, axes)
        peak = f"at most {run['peak_mebibytes']:,} MiB"
        return page_svg(figure, "memory", f"Memory of worker processes, {peak}")


@contextmanager
def _axes(width: float, height: float, **style: Any) -> Iterator[tuple[Any, Any]]:
    """Makes an empty figure of this size in inches, in the page's style while it lasts."""
    with rc_context(STYLE | style):  # type: ignore[arg-type]
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.subplots()


def _add_legend(figure: Any, axes: Any) -> None:
    handles, names = axes.get_legend_handles_labels()
    labels = [name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}" for name in names]
    escaped = [label.replace("$", r"\$") for label in labels]
    figure.legend(handles, escaped, loc="outside right upper")


def _line(number: int) -> dict[str, Any]:
    colour, dash = number % len(COLOURS), number // len(COLOURS) % len(DASHES)
    return {"color": COLOURS[colour], "linestyle": DASHES[dash], "linewidth": 1.8}
