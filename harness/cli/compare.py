"""`rnn-parity compare`."""

from pathlib import Path
from typing import Any

import click

from harness.cli.completion import implementations
from harness.cli.layers import config_options, pop_config
from harness.cli.options import FILE, SEEDS, Whole, memory_limit, time_limit
from harness.cli.outputs import output_options, pop_outputs
from harness.cli.usage import usage_errors
from harness.cli.write import write
from harness.models.compare import EXAMPLES
from harness.models.compare import compare as run_compare
from references.layer import Unreadable
from references.unsupported import Unsupported

HELP = """\b
Examples:
  rnn-parity compare model.pt model.keras
  rnn-parity compare model.pt model.onnx --layer encoder.rnn --inputs x.npy
  rnn-parity compare model.safetensors my_port.py:run
  rnn-parity compare model.keras recording.npz

\b
Exit status: 0 the same, 1 something differs or crashes, 2 wrong command,
             3 cannot tell, 4 rnn-parity itself broke.
"""
INPUTS = "A .npy file (batch, time, features), or a .npz file of inputs, h_0, c_0 and mask."
COUNT = "Draw so many inputs, where there are none."


@click.command(epilog=HELP)
@click.argument("a", shell_complete=implementations)
@click.argument("b", shell_complete=implementations)
@click.option("--inputs", type=FILE, help=INPUTS)
@click.option("--layer", help="The layer of A by its name, where A has several.")
@click.option("--layer-b", help="The same for B.")
@click.option("--examples", type=Whole(1, 1000), default=EXAMPLES, help=COUNT)
@click.option("--seed", type=SEEDS, default=0, help="Draw the inputs of this seed.")
@config_options
@time_limit
@memory_limit
@lambda command: output_options(command, github=False)
@usage_errors(Unreadable, Unsupported)
def compare(a: str, b: str, inputs: Path | None, **options: Any) -> int:
    """Compare two models: their arrays, and what they put out.

    A and B are files of models (.pt, .pth, .ckpt, .bin, .safetensors, .keras, .h5, .onnx, .npz),
    which are never unpickled; or one of them is an implementation, package.module:function,
    file.py:function or command:./program, or a .npz file of what another program put out (inputs,
    sequence, h_n, c_n).

    A is judged on its own weights, B on its own, and B on those of A: each output must lie inside
    the bounds of right arithmetic. Arrays must be equal, but for layout and rounded sums of biases.
    """
    outputs = pop_outputs(options)
    config = pop_config(options)
    return write(run_compare(a, b, inputs, **options, **config), outputs)
