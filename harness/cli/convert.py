"""`rnn-parity convert`."""

from pathlib import Path
from typing import Any

import click

from harness.cli.layers import config_options, pop_config
from harness.cli.options import FILE, memory_limit, time_limit
from harness.cli.outputs import output_options, pop_outputs
from harness.cli.usage import usage_errors
from harness.cli.words import say
from harness.cli.write import write
from harness.models.convert import convert as run_convert
from references.layer import Unreadable
from references.unsupported import Unsupported

HELP = """\b
Examples:
  rnn-parity convert model.pt model.keras
  rnn-parity convert model.keras model.safetensors --layer encoder

\b
Exit status: 0 written and proved, 1 something differs or crashes, 2 wrong command,
             3 cannot tell, 4 rnn-parity itself broke; after 1 and 3 B.unproven is left.
"""
FORCE = "Overwrite B where it is there already."


@click.command(epilog=HELP)
@click.argument("a", type=FILE)
@click.argument("b", type=FILE)
@click.option("--layer", help="The layer of A by its name, where A has several.")
@click.option("--force", is_flag=True, help=FORCE)
@config_options
@time_limit
@memory_limit
@lambda command: output_options(command, github=False)
@usage_errors(Unreadable, Unsupported)
def convert(a: Path, b: Path, **options: Any) -> int:
    """Convert a model to a file of another framework, and prove it.

    A is a .pt, .pth, .ckpt, .bin, .safetensors, .keras, .h5, .onnx or .npz file; B is a
    .pt, .safetensors, .keras, .onnx or .npz file. B is called B.unproven until `compare` shows that
    both are the same.
    """
    outputs = pop_outputs(options)
    config = pop_config(options)
    conversion = run_convert(str(a), b, **options, **config)
    status = write(conversion.proof, outputs)
    for note in conversion.notes:
        say(note, err=True)
    but = "" if conversion.proof.agrees else ", but not proved"
    say(f"{conversion.path} is written{but}", err=True)
    return status
