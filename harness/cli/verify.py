"""`rnn-parity verify`."""

import os
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from harness.cli.completion import implementations as complete_implementations
from harness.cli.limits import Seconds, given_limits, limit_options
from harness.cli.outputs import checked_outputs, output_options, write
from harness.runs.resolve import NotFound
from harness.runs.verify import verify as run_verify
from references import NotInstalled

EXAMPLES = """\b
Examples:
  rnn-parity verify torch keras
  rnn-parity verify my_rnn.py:run --examples 1000 --dtype float64
  rnn-parity verify my_package.rnn:run --junit parity.xml --github
  rnn-parity verify torch/all -q --json - | python -m json.tool

Exit status: 0 agreement, 1 something differs or crashes, 2 wrong command, 3 cannot tell, 4 rnn-parity itself broke.
"""


@click.command(epilog=EXAMPLES)
@click.argument("implementations", nargs=-1, shell_complete=complete_implementations)
@click.option(
    "--examples", type=click.IntRange(1), default=200, show_default=True, help="How many cases."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Which cases.")
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    default="rnn-parity-failures",
    show_default=True,
    help="Folder for the smallest failing cases; made only where something fails.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Processes, each with one thread.  [default: one for each core]",
)
@click.option(
    "--time-limit", type=Seconds(), default=60.0, show_default=True, help="Seconds for one verdict."
)
@output_options
@limit_options
def verify(
    implementations: tuple[str, ...],
    examples: int,
    seed: int,
    save: Path,
    workers: int | None,
    time_limit: float,
    **options: Any,
) -> int:
    """Verify IMPLEMENTATIONS against the hand-written loop on random cases.

    An implementation is numpy, torch, keras, a variant (keras/unroll; torch/all for every one), package.module:function
    or file.py:function (code that is run); with none, every installed framework.
    """
    outputs = checked_outputs(options)
    limits = given_limits(options)
    progress = Progress(
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    )
    try:
        with progress:
            task = progress.add_task("verifying", total=None)
            report = run_verify(
                *implementations,
                examples=examples,
                seed=seed,
                save=save,
                progress=lambda count: progress.update(task, completed=count),
                workers=workers or os.cpu_count() or 1,
                time_limit=time_limit,
                **limits,
            )
    except (NotFound, NotInstalled) as error:
        raise click.UsageError(str(error)) from error
    if not report.names:
        raise click.UsageError(
            "no framework is installed: pip install 'rnn-parity[all]', or name an implementation"
        )
    status = write(report, outputs)
    return 130 if report.interrupted else status
