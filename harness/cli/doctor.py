"""`rnn-parity doctor`."""

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.progress import Progress

from harness.cli.campaign import NEEDS as CAMPAIGN
from harness.cli.completion import frameworks as complete_frameworks
from harness.cli.import_check import HOME, shadows
from harness.cli.lesson import NEEDS as LESSON
from harness.cli.usage import usage_errors
from harness.draw.features import PLAIN
from harness.draw.generate import sample_cases
from harness.implementations.names import in_import_order
from harness.judge.calls.observe import Implementation
from harness.judge.judge import judge
from harness.printable import in_words, one_line, printable
from harness.report.as_json import own_version
from harness.runs.environment import environment
from harness.runs.ledger import differences, known_difference
from references import REFERENCES, NotInstalled, Unknown, load, require, variants

# Beside frameworks: modules, what needs them, and what installs them.
TOOLS = (
    (("hypothesis",), "harness.cases and property tests need", "'rnn-parity[hypothesis]'"),
    (("pytest",), "the plugin harness.pytest_plugin needs", "pytest"),
    (LESSON, "rnn-parity lesson needs", "'rnn-parity[lesson]'"),
    (CAMPAIGN, "rnn-parity campaign needs", "'rnn-parity[campaign]'"),
    (("distributed",), "campaign --executor needs", "'rnn-parity[dask]'"),
)
SMALL = PLAIN | {"time": 3, "batch": 2, "input_size": 2, "hidden_size": 3, "regimes": "contracting"}
KINDS = {"agrees": "computes", "refused": "refuses", "crashed": "crashes"}  # of verdicts
OUTCOMES = (*KINDS.values(), "meets a known difference with", "differs")
MASK = np.array([[True, True, False], [True, True, True]])
# Beside limits, a case may be changed by a mask (what outputs are where it masks), and a state.
FEATURES: dict[str, dict[str, Any]] = {
    "relu": {"nonlinearity": "relu"},
    "linear": {"nonlinearity": "linear"},
    "sigmoid": {"nonlinearity": "sigmoid"},
    "softsign": {"nonlinearity": "softsign"},
    "layers": {"num_layers": 2},
    "no bias": {"bias": False},
    "float64": {"dtype": "float64"},
    "initial state": {"state": 0.5},
    "two directions": {"bidirectional": True},
    "go_backwards": {"go_backwards": True},
    "masks that repeat outputs": {"mask": "repeat"},
    "masks that zero outputs": {"mask": "zero"},
}
# What some variants cannot do without; the first that a variant does not refuse is its base.
BASES: dict[str, dict[str, Any]] = {
    "": {},
    **{name: FEATURES[name] for name in ("float64", "two directions")},
    "a mask": FEATURES["masks that zero outputs"],
    "a mask and outputs that repeat": FEATURES["masks that repeat outputs"],
    "a GRU or an LSTM": {"cell": "gru"},  # it has no nonlinearity to choose
}


@click.command(epilog="Examples: rnn-parity doctor; rnn-parity doctor torch")
@click.argument("frameworks", nargs=-1, shell_complete=complete_frameworks)
@usage_errors(Unknown)
def doctor(frameworks: tuple[str, ...]) -> int:
    """Show what is installed, what it computes and what is missing.

    Lists versions and variants of FRAMEWORKS (default: all). Each variant is tried on small cases:
    what it computes correctly, what it refuses, and where it meets a known difference; this takes
    a minute or two. What is missing is listed with the command that installs it. A folder that
    hides rnn-parity's own modules is named.
    """
    missing = {}
    names = in_import_order(dict.fromkeys(frameworks or REFERENCES))
    for name in names:
        try:
            require(name)
        except NotInstalled as error:
            missing[name] = f"\n{error}"
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for line in (f"rnn-parity: {own_version()}, from {HOME}", *shadows(Path.cwd())):
        console.print(printable(line))
    here = [name for name in names if name not in missing]
    for name, fact in environment(here).items():
        console.print(one_line(f"{name}: {fact}"))
    every = {name: [name, *variants(name)] for name in here}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("trying variants", total=sum(map(len, every.values())))
        for paths in every.values():
            console.print()
            for path in paths:
                console.print(printable(describe(path, load(path))))
                progress.advance(task)
    for line in (*missing.values(), *missing_tools()):
        console.print(line)
    return 0


def missing_tools() -> list[str]:
    """Lists the tools that are not installed, with what they are for and what installs them."""
    lines = []
    for modules, purpose, package in TOOLS:
        if missing := [name for name in modules if find_spec(name) is None]:
            verb, them = ("is", "it") if len(missing) == 1 else ("are", "them")
            text = f"{in_words(missing)} {verb} not installed; {purpose} {them}"
            lines.append(f"\n{text}: pip install {package}")
    return lines


def describe(name: str, run: Implementation) -> str:
    """Writes out a variant's own first line, and what it makes of a small case of every kind."""
    usable = (words for words, base in BASES.items() if outcome_of(name, run, base) != "refuses")
    needs = next(usable, "")
    base = BASES[needs]
    features: dict[str, list[str]] = {outcome: [] for outcome in OUTCOMES}
    for feature, change in FEATURES.items():
        no_such_case = "cell" in base and "nonlinearity" in change
        if base | change != base and not no_such_case:
            features[outcome_of(name, run, base | change)].append(feature)
    features["known differences"] = [
        entry.id
        for entry in differences()
        if name in entry.implementations and entry.status == "in force"
    ]
    first_line = (run.__doc__ or "").strip().partition("\n")[0]
    lines = [f"{name}: {first_line}"]
    lines += [f"  needs {needs}"] if needs else []
    lines += [f"  {outcome}: {', '.join(words)}" for outcome, words in features.items() if words]
    return "\n".join(lines)


def outcome_of(name: str, run: Implementation, change: Mapping[str, Any]) -> str:
    """Judges the variant on the small case with this change; returns one of OUTCOMES."""
    limits = {**SMALL, **change}
    mask, state = limits.pop("mask", None), limits.pop("state", None)
    case = next(sample_cases(1, **limits))
    if state:
        case = replace(case, h_0=np.full_like(case.h_0, state))
    if mask:
        case = replace(case, mask=MASK, masked_output=mask)
    verdict = judge(case, run, name, calls=1)
    if known_difference(verdict):
        return "meets a known difference with"
    return KINDS.get(verdict.kind, "differs")
