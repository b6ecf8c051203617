"""Small reports of runs, and changes of them."""

from collections import Counter
from dataclasses import replace

from harness.runs.summary import Summary

SMALL = {"time": (2, 4), "batch": (1, 2), "input_size": (2, 3), "hidden_size": (2, 3)}


def with_summary(report, **changes):
    return replace(report, summaries=(replace(report.summaries[0], **changes),))


def rows(report, **cells):
    """The report's row, and rows of cells beside it: by cell, the names and the sizes."""
    (one,) = report.summaries
    beside = [
        Summary(f"{name} {cell}", Counter(agrees=2), reach=Counter(reach), cells=Counter({cell: 2}))
        for cell, (names, reach) in cells.items()
        for name in names
    ]
    shares = dict.fromkeys(cells, 2)
    return replace(report, summaries=(one, *beside), shares=shares)
