"""`rnn-parity campaign`."""

import re
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from harness.cli.limits import Seconds, given_limits, limit_options
from harness.draw.saved import Unreadable
from harness.runs.resolve import NotFound
from references import NotInstalled

LONGEST = 3650 * 86400.0  # seconds
NEEDS = ("filelock", "jinja2", "matplotlib")
EXAMPLES = """\b
Examples:
  rnn-parity campaign friday --time 60h
  rnn-parity campaign friday --implementations torch,keras/graph,torch/all@1000 --cases 1000000
  rnn-parity campaign mine --implementations my_rnn.py:run --examples rnn-parity-failures
  rnn-parity campaign resume friday
  rnn-parity campaign show friday

The journal is NAME.campaign, the report NAME.report/ (report.json, report.html, the findings' cases).

\b
Exit status: 0 agreement, 1 findings, 2 wrong command, 3 cannot tell or not finished, 4 rnn-parity itself broke, 130 Ctrl-C.
"""


class _Named(click.Group):
    """`campaign NAME` is `campaign start NAME`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As usual, with `start` added."""
        return super().parse_args(
            ctx, args if args and args[0] in (*self.commands, "-h", "--help") else ["start", *args]
        )


@click.group(cls=_Named, subcommand_metavar="NAME [OPTIONS] | COMMAND NAME", epilog=EXAMPLES)
def campaign() -> None:
    """Judge very many cases. `campaign NAME` starts; it may be killed at any moment, and `campaign resume NAME` goes on."""
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        raise click.UsageError(
            f"a campaign needs {' and '.join(missing)}, not installed here: pip install 'rnn-parity[campaign]'"
        )


def _seconds(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text, re.ASCII)
    if not match or not float(match[1]):
        raise click.BadParameter(f"{text!r} is no time as 90s, 30m, 8h or 2d")
    seconds = float(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]
    if seconds > LONGEST:
        raise click.BadParameter(f"{text!r} is more than ten years")
    return seconds


def _run_options(function: Any) -> Any:
    executor = click.option(
        "--executor",
        metavar="URL",
        help="tcp://HOST:PORT of a Dask scheduler, to run on its workers.",
    )
    workers = click.option(
        "--workers",
        type=click.IntRange(1, 1024),
        help="Shards at once.  [default: one for each core]",
    )
    return workers(executor(function))


@campaign.command(epilog=EXAMPLES)
@click.argument("name")
@click.option(
    "--implementations",
    metavar="NAMES",
    help="With commas between; NAME@N on one case in N.  [default: what is installed]",
)
@click.option(
    "--cases",
    type=click.IntRange(1, 10**15),
    help="How many.  [default: 100000 where no time is given]",
)
@click.option(
    "--time",
    "seconds",
    callback=_seconds,
    metavar="TIME",
    help="How long: 90s, 30m, 8h or 2d of running, over all resumes; what is begun then is ended.",
)
@click.option(
    "--seed", type=click.IntRange(0, 10**15), default=0, show_default=True, help="Which cases."
)
@click.option(
    "--examples",
    type=click.Path(exists=True, path_type=Path),
    help="A saved case or a folder of them, judged first.",
)
@click.option(
    "--blind",
    is_flag=True,
    help="Draw all cases alike; else half of them are drawn where ratios are high.",
)
@click.option(
    "--time-limit", type=Seconds(), default=60.0, show_default=True, help="Seconds for one verdict."
)
@click.option(
    "--memory-limit",
    type=click.IntRange(64, 1 << 30),
    default=4096,
    show_default=True,
    help="MiB for one process.",
)
@_run_options
@partial(limit_options, time="--time-steps")
def start(name: str, workers: int | None, executor: str | None, **options: Any) -> int:
    """Start the campaign NAME."""
    limits = given_limits(options)
    return _done("start", name, workers, executor, limits=limits, **options)


@campaign.command()
@click.argument("name")
@click.option(
    "--accept-new-versions",
    "accept",
    is_flag=True,
    help="Go on although frameworks or the code under test have changed.",
)
@_run_options
def resume(name: str, accept: bool, workers: int | None, executor: str | None) -> int:
    """Go on with the campaign NAME."""
    return _done("resume", name, workers, executor, accept)


@campaign.command()
@click.argument("name")
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the report as it is now to this folder, too.",
)
def show(name: str, report: Path | None) -> int:
    """Show what is known of the campaign NAME, which may be running. Exit status as for the campaign itself."""
    return _done("show", name, report)


@campaign.command()
@click.argument("name")
@click.option(
    "--jsonl",
    is_flag=True,
    required=True,
    help="One row for each shard, then one for each finding.",
)
def export(name: str, jsonl: bool) -> int:
    """Print the journal of the campaign NAME."""
    return _done("export", name)


def _done(action: str, *arguments: Any, **options: Any) -> int:
    """The exit status of what `harness.campaign.actions` does; what the user can mend is a sentence."""
    from harness.campaign import actions
    from harness.campaign.executors import Stopped
    from harness.campaign.journal import Unusable, Unwritable

    try:
        return int(getattr(actions, action)(*arguments, **options))
    except (Unusable, NotFound, NotInstalled, Unreadable) as error:
        raise click.UsageError(str(error)) from error
    except (Stopped, Unwritable) as error:
        click.echo(f"Stopped: {error}", err=True)
        return 3
