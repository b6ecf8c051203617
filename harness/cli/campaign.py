"""`rnn-parity campaign`."""

import re
import shlex
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import click

from harness.cli.limits import limit_options, pop_limits
from harness.cli.options import FILE, FOLDER, KNOWN, Whole, add_options, memory_limit, time_limit
from harness.cli.usage import need, usage_errors
from harness.cli.words import say
from harness.printable import in_words

LONGEST = 3650 * 86400.0  # seconds
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
NEEDS = ("filelock", "jinja2", "matplotlib")
EXAMPLES = """\b
Examples:
  rnn-parity campaign friday --time 60h
  rnn-parity campaign friday --implementations torch,keras/graph,torch/all@1000 --cases 1000000
  rnn-parity campaign mine --implementations my_rnn.py:run --examples rnn-parity-failures
  rnn-parity campaign resume friday
  rnn-parity campaign show friday

The journal is NAME.campaign. The report is the folder NAME.report, with report.html, report.json
and the case of each finding.

\b
Exit status: 0 agreement, 1 findings, 2 wrong command, 3 cannot tell or not finished,
             4 rnn-parity itself broke, 130 Ctrl-C.
"""
TEXTS = {
    "implementations": "Judge these, with commas between; NAME@N is judged on one case in N.  "
    "[default: what is installed, but onnx]",
    "cases": "Judge so many cases.  [default: 100000 unless --time is given]",
    "time": "Run for 90s, 30m, 8h or 2d, over all resumes; shards that have begun are finished.",
    "seed": "Draw the cases of this seed.",
    "examples": "Judge this saved case, or this folder of them, first.",
    "blind": "Draw all cases alike; without it, half are drawn where ratios are high.",
    "workers": "Run so many shards at once.  [default: one for each core]",
    "executor": "Run on the workers of a Dask scheduler, tcp://HOST:PORT.",
    "versions": "Go on although frameworks or the code under test have changed.",
    "programs": "Run the programs (command:...) that the journal names.",
    "report": "Write the report, as it is now, to this folder too.",
    "jsonl": "Print JSON: a line for each shard, then one for each finding.",
}
EXISTING = click.Path(exists=True, path_type=Path)


class _Named(click.Group):
    """Reads `campaign NAME` as `campaign start NAME`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Adds `start` where no command is named."""
        is_named = args and args[0] in (*self.commands, "-h", "--help")
        if not (is_named or ctx.resilient_parsing):  # the shell asks for commands, too
            self._check_start(ctx, *args[:2])
            args = ["start", *args]
        return super().parse_args(ctx, args)

    def _check_start(self, ctx: click.Context, name: str = "", after: str = "-") -> None:
        """Fails for a name that looks like a command: it would begin a campaign of hours."""
        looks_so = get_close_matches(name, self.commands, cutoff=0.8)
        if not name.startswith("-") and (looks_so or not after.startswith("-")):
            ctx.fail(
                f"{name} is no command, which are {in_words([*self.commands])}; "
                f"for a campaign of this name: rnn-parity campaign start {shlex.quote(name)}"
            )


@click.group(cls=_Named, subcommand_metavar="NAME [OPTIONS] | COMMAND NAME", epilog=EXAMPLES)
def campaign() -> None:
    """Judge very many cases, and survive a stop at any moment.

    `campaign NAME` starts one. After Ctrl-C, a kill or a restart, `campaign resume NAME` goes on.
    """
    need(NEEDS, "a campaign", "campaign")


def _duration(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text, re.ASCII)
    if not match or not float(match[1]):
        raise click.BadParameter(f"expected a time such as 90s or 30m, not {text!r}")
    seconds = float(match[1]) * UNITS[match[2]]
    if seconds > LONGEST:
        raise click.BadParameter(f"{text!r} is more than ten years")
    return seconds


WORKERS = (
    click.option("--workers", type=Whole(1, 1024), help=TEXTS["workers"]),
    click.option("--executor", metavar="URL", help=TEXTS["executor"]),
)
OPTIONS = (
    click.option("--implementations", metavar="NAMES", help=TEXTS["implementations"]),
    click.option("--cases", type=Whole(1, 10**15), help=TEXTS["cases"]),
    click.option("--time", "seconds", callback=_duration, metavar="TIME", help=TEXTS["time"]),
    click.option("--seed", type=Whole(0, 10**15), default=0, help=TEXTS["seed"]),
    click.option("--examples", type=EXISTING, help=TEXTS["examples"]),
    click.option("--known", type=FILE, help=KNOWN),
    click.option("--blind", is_flag=True, help=TEXTS["blind"]),
    time_limit,
    memory_limit,
)


@campaign.command(epilog=EXAMPLES)
@click.argument("name")
@partial(add_options, options=(*OPTIONS, *WORKERS))
@partial(limit_options, time="--time-steps")
def start(name: str, workers: int | None, executor: str | None, **options: Any) -> int:
    """Start the campaign NAME."""
    return _run("start", name, workers, executor, limits=pop_limits(options), **options)


@campaign.command(epilog="Example: rnn-parity campaign resume friday --workers 4")
@click.argument("name")
@click.option("--accept-new-versions", is_flag=True, help=TEXTS["versions"])
@click.option("--run-programs", is_flag=True, help=TEXTS["programs"])
@partial(add_options, options=WORKERS)
def resume(
    name: str,
    accept_new_versions: bool,
    run_programs: bool,
    workers: int | None,
    executor: str | None,
) -> int:
    """Go on with the campaign NAME."""
    return _run("resume", name, workers, executor, accept_new_versions, run_programs)


@campaign.command(epilog="Example: rnn-parity campaign show friday --report now")
@click.argument("name")
@click.option("--report", type=FOLDER, help=TEXTS["report"])
def show(name: str, report: Path | None) -> int:
    """Show the state of the campaign NAME, which may be running.

    The exit status is that of the campaign.
    """
    return _run("show", name, report)


@campaign.command(epilog="Example: rnn-parity campaign export friday --jsonl > friday.jsonl")
@click.argument("name")
@click.option("--jsonl", is_flag=True, required=True, help=TEXTS["jsonl"])
def export(name: str, jsonl: bool) -> int:
    """Print the journal of the campaign NAME."""
    return _run("export", name)


def _run(action: str, *arguments: Any, **options: Any) -> int:
    """Runs a function of `harness.campaign.actions`; returns the exit status."""
    from harness.campaign import actions
    from harness.campaign.executors import Stopped
    from harness.campaign.journal import NoCampaign, Unwritable
    from harness.runs.deviations import WrongDeviations

    try:
        with usage_errors(NoCampaign, WrongDeviations):
            return int(getattr(actions, action)(*arguments, **options))
    except (Stopped, Unwritable) as error:
        say(f"Stopped: {error}", err=True)
        return 3
