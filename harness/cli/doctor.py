"""`rnn-parity doctor`."""

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.progress import Progress

from harness.draw.features import PLAIN
from harness.draw.generate import sample_cases
from harness.judge.judge import judge
from harness.judge.verdict import Verdict
from harness.report.as_json import own_version
from harness.runs.environment import environment
from harness.runs.import_check import HOME, shadows
from harness.runs.ledger import differences, known
from references import REFERENCES, installed, load, variants
from references.case import Case

TOOLS = {
    "hypothesis": "Hypothesis is missing: harness.cases and property tests need it. pip install 'rnn-parity[hypothesis]'",
    "pytest": "pytest is missing: the plugin harness.pytest_plugin needs it. pip install pytest",
}
# Small cases to start from, the simplest first: a variant needs what its first case has that is not refused.
SIZES = {"time": 3, "batch": 2, "input_size": 2, "hidden_size": 3}
SMALL: dict[str, Any] = {**SIZES, **PLAIN, "regimes": "contracting"}
BASES: dict[str, dict[str, Any]] = {
    "": {},
    "float64": {"dtype": "float64"},
    "two directions": {"bidirectional": True},
    "a mask": {"masked": "zero"},
    "a mask and outputs that repeat": {"masked": "repeat"},
}
# One change to the base at a time.
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
    "masks that repeat": {"masked": "repeat"},
    "masks that show zeros": {"masked": "zero"},
}


@click.command(epilog="Examples: rnn-parity doctor; rnn-parity doctor torch")
@click.argument("frameworks", nargs=-1, type=click.Choice(list(REFERENCES)))
def doctor(frameworks: tuple[str, ...]) -> int:
    """Show which frameworks are installed, their versions and variants, what each variant can compute, what is missing and the command
    that adds it, and whether something shadows rnn-parity's own modules.

    What a variant supports is tried out on small cases: computed and right, refused, or a known difference. Takes half a minute.
    """
    console = Console()
    for line in (*ours(), *shadows(Path.cwd())):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    names = [name for name in REFERENCES if not frameworks or name in frameworks]
    here = [name for name in names if name in installed()]
    for name, fact in environment(here).items():
        console.print(f"{name}: {fact}", highlight=False, markup=False)
    every = {name: [name, *variants(name)] for name in here}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(
            "trying variants", total=sum(len(list_) for list_ in every.values())
        )
        for name in names:
            console.print()
            for variant in every.get(name, []):
                console.print(described(variant, load(variant)), highlight=False, markup=False)
                progress.advance(task)
    for name in names:
        if name not in here:
            needs = " and ".join(REFERENCES[name].needs)
            console.print(
                f"\n{name} is missing: it needs {needs}. pip install 'rnn-parity[{REFERENCES[name].extra}]'",
                highlight=False,
                markup=False,
            )
    for line in missing_tools():
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    return 0


def ours() -> list[str]:
    """Which rnn-parity this is, and where it was imported from."""
    return [f"rnn-parity: {own_version()}, from {HOME}"]


def missing_tools() -> list[str]:
    """What else may be of use and is not installed, and the command that adds it."""
    missing = [line for name, line in TOOLS.items() if find_spec(name) is None]
    return ["", *missing] if missing else []


def described(name: str, run: Callable[[Case], Any]) -> str:
    """The variant's own first line, and what it made of a small case of every kind."""
    possible = (
        (needs, base) for needs, base in BASES.items() if tried(name, run, base).kind != "refused"
    )
    needed, base = next(possible, ("", {}))
    found: dict[str, list[str]] = {
        "computes": [],
        "refuses": [],
        "meets a known difference with": [],
        "differs": [],
    }
    for feature, change in FEATURES.items():
        if base | change == base:
            continue
        verdict = tried(name, run, base | change)
        kind = {"agrees": "computes", "refused": "refuses"}.get(verdict.kind, "differs")
        found["meets a known difference with" if known(verdict) else kind].append(feature)
    first = (run.__doc__ or "").strip().splitlines()[0]
    lines = [f"{name}: {first}"] + ([f"  needs {needed}"] if needed else [])
    lines += [f"  {kind}: {', '.join(features)}" for kind, features in found.items() if features]
    ids = [
        entry.id
        for entry in differences()
        if name in entry.implementations and entry.status == "in force"
    ]
    return "\n".join(lines + ([f"  known differences: {', '.join(ids)}"] if ids else []))


def tried(name: str, run: Callable[[Case], Any], change: dict[str, Any]) -> Verdict:
    """The verdict on the plain small case with this change."""
    limits = SMALL | change
    masked, state = limits.pop("masked", None), limits.pop("state", None)
    case = next(sample_cases(1, **limits))
    if state:
        case = replace(case, h_0=np.full_like(case.h_0, state))
    if masked:
        case = replace(
            case, mask=np.array([[True, True, False], [True, True, True]]), masked_output=masked
        )
    return judge(case, run, name, calls=1)
