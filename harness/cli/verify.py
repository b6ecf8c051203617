"""`rnn-parity verify`."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from harness.cli.completion import implementations as complete_implementations
from harness.cli.limits import limit_options, pop_limits
from harness.cli.options import FILE, FOLDER, KNOWN, SEEDS, Whole, memory_limit, time_limit
from harness.cli.outputs import output_options, pop_outputs
from harness.cli.usage import usage_errors
from harness.draw.limits import MOST_EXAMPLES
from harness.implementations.names import is_function
from harness.runs.pool import early_process

EXAMPLES = """\b
Examples:
  rnn-parity verify torch keras
  rnn-parity verify my_rnn.py:run --examples 1000 --dtype float64
  rnn-parity verify my_package.rnn:run --junit parity.xml --github
  rnn-parity verify "command:./my_rnn --fast" --num-layers 1
  rnn-parity verify torch/all -q --json - | python -m json.tool

\b
Exit status: 0 agreement, 1 something differs or crashes, 2 wrong command,
             3 cannot tell, 4 rnn-parity itself broke, 130 Ctrl-C.
"""
SAVE = "Save the smallest failing cases to this folder, made only where something fails."
INDEPENDENT = "Fail what imports torch, Keras or our loop: the answer that it is compared with."
WORKERS = "Use so many processes, each with one thread.  [default: one for each core]"


@click.command(epilog=EXAMPLES)
@click.argument("implementations", nargs=-1, shell_complete=complete_implementations)
@click.option("--examples", type=Whole(1, MOST_EXAMPLES), default=200, help="Judge so many cases.")
@click.option("--seed", type=SEEDS, default=0, help="Draw the cases of this seed.")
@click.option("--save", type=FOLDER, default="rnn-parity-failures", help=SAVE)
@click.option("--workers", type=Whole(1), help=WORKERS)
@time_limit
@memory_limit
@click.option("--independent", is_flag=True, help=INDEPENDENT)
@click.option("--known", type=FILE, help=KNOWN)
@output_options
@limit_options
@usage_errors()
def verify(
    implementations: tuple[str, ...], save: Path, workers: int | None, **options: Any
) -> int:
    """Verify implementations against the hand-written loop.

    Each of IMPLEMENTATIONS is numpy, torch, keras, one of their variants (keras/unroll; torch/all
    for every one), package.module:function, file.py:function, or a program of any language
    (command:./my_rnn). The last three are code that is run.
    A function of inputs, W, U and b computes tanh, in float64, unless --nonlinearity and --dtype
    say otherwise. A GRU or an LSTM is recognised by its arrays, or claimed with --cell.

    Without IMPLEMENTATIONS, every installed framework but onnx is verified; its GRU and LSTM, in
    rows of their own, on a tenth as many cases.
    """
    outputs = pop_outputs(options)
    limits = pop_limits(options)
    # A function's process, if one is named: it has another to start.
    group = max(implementations, key=is_function, default="torch")
    early = early_process((options["time_limit"], options["memory_limit"]), group)
    with early, _bar() as progress:
        # Loaded while the process loads them, too.
        from harness.cli.write import write
        from harness.runs.deviations import WrongDeviations
        from harness.runs.verify import verify as run_verify

        workers = workers or os.cpu_count() or 1
        more: dict[str, Any] = {"save": save, "progress": progress, "workers": workers}
        with usage_errors(WrongDeviations):
            report = run_verify(*implementations, **more, **options, **limits)
    if not report.names:
        raise click.UsageError(
            "no framework is installed: pip install 'rnn-parity[all]', or name an implementation"
        )
    status = write(report, outputs)
    return 130 if report.interrupted else status


@contextmanager
def _bar() -> Iterator[Callable[[int], None]]:
    """Shows how many verdicts there are, in a terminal."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("verifying", total=None)
        yield lambda count: progress.update(task, completed=count)
