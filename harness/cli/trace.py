"""`rnn-parity trace`: what the notebook prints, with every installed framework's value beside it."""

from typing import Any

import click
import numpy as np

from harness.draw.example import notebook_case
from references import REFERENCES, installed, load
from references.case import CellWeights
from references.cells.rnn import simple_rnn


@click.command(epilog="Examples: rnn-parity trace; rnn-parity trace --scaled --dtype float32")
@click.option(
    "--scaled",
    is_flag=True,
    help="Draw signed weights scaled by 1/sqrt(n) instead of the notebook's own in [0, 1).",
)
@click.option(
    "--dtype", type=click.Choice(["float32", "float64"]), default="float64", show_default=True
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--full", is_flag=True, help="Print every number.")
def trace(scaled: bool, dtype: str, seed: int, full: bool) -> int:
    """Print input_t, output_t and state_t of each of the notebook's 42 steps, then the final output sequence."""
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
            click.echo(
                f"step {t}\n  input_t  {input_t}\n  state_t  {state_t}\n  output_t {output_t}"
            )
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
    """Two sentences, with figures of these very data."""
    changed = float(np.max(np.abs(simple_rnn(inputs, cell.W, cell.U.T, cell.b_W) - outputs)))
    share = float(np.mean(outputs == 1))
    if scaled:
        return (
            f"With weights scaled by 1/sqrt(n) only {share:.0%} of the outputs are exactly 1, and transposing U changes them by up to "
            f"{changed:.3g}. Agreement on such data means something."
        )
    return (
        f"The notebook's own data prove nothing: every weight and input is in [0, 1), so tanh saturates and {share:.0%} of the outputs are "
        f"exactly 1. Transposing U, a plain mistake, changes them by {changed:.3g}; `rnn-parity trace --scaled` shows data that can tell."
    )
