"""The pictures of a campaign's page: ratios, coverage, memory. Drawn by matplotlib as SVG."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from harness.campaign.tally import LOWEST
from harness.lesson.svg import FIRST, RULE, SECOND, SOFT, STYLE, THIRD, page_svg

COLOURS = (FIRST, SECOND, THIRD, SOFT)
LINES = ("-", "--", ":")
LONGEST = 30  # characters of a name beside a picture: its end tells more than its beginning
SHOWN = len(COLOURS) * len(LINES)  # lines in one picture


def histogram(told: Mapping[str, Any], name: str) -> str:
    """Cases of one implementation by their worst ratio: a bar for 0, one for each power of two, one for what is above 1."""
    counts = told["histogram"]
    with rc_context(STYLE | {"font.size": 10}):  # type: ignore[arg-type]
        figure = Figure(figsize=(4.4, 2.0), layout="constrained")
        axes = figure.subplots()
        axes.bar(range(len(counts) - 1), counts[:-1], width=0.85, color=FIRST)
        axes.bar(len(counts) - 1, counts[-1], width=0.85, color=SECOND)
        axes.set_yscale("symlog", linthresh=1)
        axes.set_ylim(0, 10 ** len(str(max(*counts, 1))))
        axes.set_xlim(-0.7, len(counts) - 0.3)
        ticks = {
            0: "0",
            **{LOWEST + 1 - power: f"$2^{{{-power}}}$" for power in (16, 8)},
            LOWEST + 1: "1",
        }
        axes.set_xticks(list(ticks), list(ticks.values()))
        axes.grid(axis="y")
        axes.set_ylabel("cases")
        words = f"{told['name']}: {sum(counts):,} cases by worst ratio, {counts[0]:,} at 0 and {counts[-1]:,} above 1"
        return page_svg(figure, name, words)


def growth(implementations: Sequence[Mapping[str, Any]]) -> str:
    """Pairs of features that each implementation has been judged with, by cases."""
    with rc_context(STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(8.6, 3.4), layout="constrained")
        axes = figure.subplots()
        shown = sorted(implementations, key=lambda told: -told["cases"])[:SHOWN]
        for number, told in enumerate(shown):
            steps = [*told["coverage"]["growth"], [told["cases"], told["coverage"]["judged"]]]
            cases, pairs = zip(*steps, strict=True)
            axes.step(cases, pairs, where="post", label=told["name"], **_line(number))
        axes.axhline(max(told["coverage"]["pairs"] for told in shown), color=RULE)
        axes.set(xscale="log", xlabel="cases", ylabel="pairs", ylim=(0, None))
        _legend(figure, axes)
        return page_svg(figure, "growth", "Pairs of features judged, by cases")


def memory(run: Mapping[str, Any]) -> str:
    """Resident memory of worker processes at the end of each shard, by time."""
    with rc_context(STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(8.6, 3.0), layout="constrained")
        axes = figure.subplots()
        for number, group in enumerate(dict.fromkeys(group for _, group, _ in run["memory"])):
            if number < SHOWN:
                points = [
                    (seconds / 60, mebibytes)
                    for seconds, where, mebibytes in run["memory"]
                    if where == group
                ]
                axes.plot(
                    *zip(*points, strict=True),
                    label=group,
                    marker=".",
                    markersize=3,
                    **{**_line(number), "linewidth": 0.8},
                )
        axes.set(xlabel="minutes", ylabel="MiB", ylim=(0, None))
        axes.xaxis.set_major_locator(MaxNLocator(integer=False))
        _legend(figure, axes)
        return page_svg(
            figure, "memory", f"Memory of worker processes, at most {run['peak_mebibytes']:,} MiB"
        )


def _legend(figure: Any, axes: Any) -> None:
    handles, labels = axes.get_legend_handles_labels()
    shown = [label if len(label) <= LONGEST else f"…{label[1 - LONGEST :]}" for label in labels]
    figure.legend(
        handles, [label.replace("$", r"\$") for label in shown], loc="outside right upper"
    )


def _line(number: int) -> dict[str, Any]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": LINES[number // len(COLOURS) % len(LINES)],
        "linewidth": 1.8,
    }
