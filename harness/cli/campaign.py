"""`rnn-parity campaign`."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from harness.cli.limits import given_limits, limit_options
from harness.draw.saved import Unreadable
from harness.runs.resolve import NotFound
from references import NotInstalled

if TYPE_CHECKING:
    from harness.campaign.journal import Journal

NEEDS = ("filelock", "jinja2", "matplotlib")
WIDTH = 110  # where there is no terminal
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
        return super().parse_args(ctx, args if args and args[0] in (*self.commands, "-h", "--help") else ["start", *args])


@click.group(cls=_Named, subcommand_metavar="NAME [OPTIONS] | COMMAND NAME", epilog=EXAMPLES)
def campaign() -> None:
    """Judge very many cases. `campaign NAME` starts; it may be killed at any moment, and `campaign resume NAME` goes on."""
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        raise click.UsageError(f"a campaign needs {' and '.join(missing)}, not installed here: pip install 'rnn-parity[campaign]'")


def _seconds(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text, re.ASCII)
    if not match or not float(match[1]):
        raise click.BadParameter(f"{text!r} is no time as 90s, 30m, 8h or 2d")
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]


def _run_options(function: Any) -> Any:
    executor = click.option("--executor", metavar="URL", help="tcp://HOST:PORT of a Dask scheduler, to run on its workers.")
    workers = click.option("--workers", type=click.IntRange(1, 1024), help="Shards at once.  [default: one for each core]")
    return workers(executor(function))


@campaign.command(epilog=EXAMPLES)
@click.argument("name")
@click.option("--implementations", metavar="NAMES", help="With commas between; NAME@N on one case in N.  [default: what is installed]")
@click.option("--cases", type=click.IntRange(1), help="How many.  [default: 100000 where no time is given]")
@click.option("--time", "seconds", callback=_seconds, metavar="TIME", help="How long: 90s, 30m, 8h or 2d of running, over all resumes.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Which cases.")
@click.option("--examples", type=click.Path(exists=True, path_type=Path), help="A saved case or a folder of them, judged first.")
@click.option("--blind", is_flag=True, help="Draw all cases alike; else half of them are drawn where ratios are high.")
@click.option("--time-limit", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True, help="Seconds for one verdict.")
@click.option("--memory-limit", type=click.IntRange(64), default=4096, show_default=True, help="MiB for one process.")
@_run_options
@partial(limit_options, time="--time-steps")
def start(name: str, workers: int | None, executor: str | None, **options: Any) -> int:
    """Start the campaign NAME."""
    limits = given_limits(options)
    return _told(_start, name, workers, executor, limits, options)


@campaign.command()
@click.argument("name")
@click.option("--accept-new-versions", "accept", is_flag=True, help="Go on although frameworks or the code under test have changed.")
@_run_options
def resume(name: str, accept: bool, workers: int | None, executor: str | None) -> int:
    """Go on with the campaign NAME."""
    return _told(_resume, name, workers, executor, accept)


@campaign.command()
@click.argument("name")
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), help="Write the report as it is now to this folder, too.")
def show(name: str, report: Path | None) -> int:
    """Show what is known of the campaign NAME, which may be running. Exit status as for the campaign itself."""
    return _told(_show, name, report)


@campaign.command()
@click.argument("name")
@click.option("--jsonl", is_flag=True, required=True, help="One row for each shard, then one for each finding.")
def export(name: str, jsonl: bool) -> int:
    """Print the journal of the campaign NAME."""
    return _told(_export, name)


def _told(action: Callable[..., int], *arguments: Any) -> int:
    """The action's exit status; what the user can mend is a sentence."""
    from harness.campaign.campaign import Stopped
    from harness.campaign.journal import Full, Refused

    try:
        return action(*arguments)
    except (Refused, NotFound, NotInstalled, Unreadable) as error:
        raise click.UsageError(str(error)) from error
    except (Stopped, Full) as error:
        click.echo(f"Stopped: {error}", err=True)
        return 3


def _start(name: str, workers: int | None, url: str | None, limits: dict[str, Any], options: dict[str, Any]) -> int:
    from harness.campaign import isolated
    from harness.campaign.access import begun, check_new, path_of
    from harness.campaign.begin import planned, shares
    from harness.campaign.executors import executor_of

    path, asked = path_of(name), shares(options["implementations"])
    check_new(path)
    bounds = options["time_limit"], options["memory_limit"]
    asked_for = {name: options[name] for name in ("cases", "seconds", "seed", "examples")}
    with executor_of(url, workers, os.cpu_count() or 1) as (executor, count, alive):

        def ask(*call: Any) -> Any:
            return executor.submit(isolated.ask, *call).result()

        plan, facts = planned(asked, limits=limits, bounds=bounds, steer=not options["blind"], count=count, ask=ask, **asked_for)
        with begun(path, plan, facts) as journal:
            return _run(journal, executor, count, alive, False, ask)


def _resume(name: str, workers: int | None, url: str | None, accept: bool) -> int:
    from harness.campaign import isolated
    from harness.campaign.access import opened, path_of
    from harness.campaign.executors import executor_of

    with opened(path_of(name)) as journal, executor_of(url, workers, os.cpu_count() or 1) as (executor, count, alive):
        return _run(journal, executor, count, alive, accept, lambda *call: executor.submit(isolated.ask, *call).result())


def _run(journal: "Journal", executor: Any, count: int, alive: Callable[[], bool], accept: bool, ask: Callable[..., Any]) -> int:
    from harness.campaign.campaign import Runner
    from harness.campaign.progress import Progress

    try:
        with Progress(journal) as progress:
            Runner(journal, executor, count, alive, accept).run(progress.committed)
        journal.set_fact("complete", "true")
        click.echo("looking into what was found, and into what the cases could have shown", err=True)
        return _shown(journal, journal.path.with_suffix(".report"), ask)
    except KeyboardInterrupt:
        go_on = f"rnn-parity campaign resume {journal.name}"
        click.echo(f"interrupted: {len(journal.done()):,} shards are committed and safe; to go on: {go_on}", err=True)
        return 130


def _show(name: str, folder: Path | None) -> int:
    from harness.campaign.access import path_of, read

    with read(path_of(name)) as journal:
        return _shown(journal, folder, None)


def _shown(journal: "Journal", folder: Path | None, ask: Callable[..., Any] | None) -> int:
    """The report on the terminal, and in the folder."""
    from harness.campaign.page import page
    from harness.campaign.report import document, write
    from harness.campaign.terminal import print_report

    told, cases = document(journal, ask)
    print_report(told, Console(width=None if sys.stdout.isatty() else WIDTH))
    if folder:
        try:
            write(told, cases, folder)
            (folder / "report.html").write_text(page(told), encoding="utf-8")
            click.echo(f"{folder / 'report.html'} and report.json beside it hold all of it")
        except OSError as error:
            again = f"rnn-parity campaign show {journal.name} --report FOLDER"
            click.echo(f"{folder} could not be written: {error.strerror or error}; {again} writes it elsewhere", err=True)
            return 4
    return int(told["result"]["exit"] or (0 if told["result"]["complete"] else 3))


def _export(name: str) -> int:
    from harness.campaign.access import path_of, read
    from harness.campaign.export import rows

    with read(path_of(name)) as journal:
        _print_lines(rows(journal))
    return 0


def _print_lines(rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        click.echo(json.dumps(row))
