"""`rnn-parity trace`: what the notebook prints, with the frameworks' values beside it."""

from typing import Any

import click
import numpy as np

from harness.cli.options import SEEDS
from harness.draw.example import notebook_case
from references import REFERENCES, installed, load
from references.arrays import DTYPES
from references.case import CellWeights
from references.cells.rnn import simple_rnn


@click.command(epilog="Examples: rnn-parity trace; rnn-parity trace --scaled --dtype float32")
@click.option(
    "--scaled",
    is_flag=True,
    help="Draw signed weights scaled by 1/sqrt(n) instead of the notebook's own in [0, 1).",
)
@click.option("--dtype", type=click.Choice(DTYPES), default="float64", help="Compute in this type.")
@click.option("--seed", type=SEEDS, default=0, help="Draw the numbers of this seed.")
@click.option("--full", is_flag=True, help="Print every number.")
def trace(scaled: bool, dtype: str, seed: int, full: bool) -> int:
    """Print each step of the notebook beside the frameworks.

    Prints input_t, state_t and output_t of each of the 42 steps, with the output_t of every
    installed framework, and then the final output sequence.
    """
    case = notebook_case(scaled, dtype, seed)
    (cell,) = case.weights
    inputs = case.inputs[0]
    successive_outputs = simple_rnn(inputs, cell.W, cell.U, cell.b_W)
    names = [name for name in installed() if REFERENCES[name].needs]
    others = {name: load(name)(case).sequence[0] for name in names}
    options: dict[str, Any] = {"threshold": np.inf} if full else {"threshold": 8, "edgeitems": 3}
    with np.printoptions(precision=9, floatmode="fixed", linewidth=100, **options):
        state_t = np.zeros_like(cell.b_W)
        for t, (input_t, output_t) in enumerate(zip(inputs, successive_outputs, strict=True)):
            click.echo(f"step {t}\n  input_t  {input_t}\n  state_t  {state_t}")
            click.echo(f"  output_t {output_t}")
            for name, sequence in others.items():
                click.echo(f"  {name:8} {sequence[t]}  {_ulps(sequence[t], output_t)}")
            state_t = output_t
        click.echo(f"final_output_sequence\n{successive_outputs}\nshape {successive_outputs.shape}")
    for name, sequence in others.items():
        click.echo(f"{name}: shape {sequence.shape}, {_ulps(sequence, successive_outputs)}")
    if not names:
        click.echo("no framework is installed to compare with: pip install 'rnn-parity[all]'")
    click.echo(_moral(scaled, inputs, cell, successive_outputs))
    return 0


def _ulps(actual: np.ndarray, expected: np.ndarray) -> str:
    ulps = np.abs(actual.astype(np.float64) - expected) / np.spacing(np.abs(expected))
    equal = int(np.count_nonzero(ulps == 0))
    return f"{equal} of {ulps.size} equal, greatest difference {float(ulps.max()):.3g} ulp"


def _moral(scaled: bool, inputs: np.ndarray, cell: CellWeights, outputs: np.ndarray) -> str:
    """Says with figures of these very data what agreement on them is worth."""
    changed = float(np.max(np.abs(simple_rnn(inputs, cell.W, cell.U.T, cell.b_W) - outputs)))
    share = float(np.mean(outputs == 1))
    if scaled:
        return (
            f"With weights scaled by 1/sqrt(n) only {share:.0%} of the outputs are exactly 1, and "
            f"transposing U changes them by up to {changed:.3g}. "
            "Agreement on such data means something."
        )
    return (
        "The notebook's own data prove nothing. Every weight and input is in [0, 1), so tanh "
        f"saturates and {share:.0%} of the outputs are exactly 1. Transposing U, a plain mistake, "
        f"changes them by {changed:.3g}. `rnn-parity trace --scaled` shows data that can tell."
    )
