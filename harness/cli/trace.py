"""`rnn-parity trace`: what the notebook prints, with the frameworks' values beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from harness.cli.gate_sums import CANDIDATES, gate_sums
from harness.cli.gate_values import GatedStep, gated_steps
from harness.cli.limits import Ends
from harness.cli.options import SEEDS, Whole
from harness.cli.progress import show_progress
from harness.cli.written_sum import written_sums
from harness.draw.example import OUTPUTS, STEPS, notebook_case
from references import REFERENCES, default_frameworks, load
from references.arrays import DTYPES
from references.case import Case
from references.cells import CELLS
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run as loop

if TYPE_CHECKING:
    from harness.lesson.experiments import Experiment, Outcome

EXAMPLES = """\b
Examples:
  rnn-parity trace
  rnn-parity trace --scaled --dtype float32
  rnn-parity trace --steps 0:3 --unit 0       writes sums out, product by product
  rnn-parity trace --cell lstm --scaled
"""
CELL = "Trace this cell; a GRU or an LSTM shows its gates, too."
SCALED = "Draw signed weights scaled by 1/sqrt(n) instead of the textbook's own in [0, 1)."
UNIT = "Write the sum of this unit out, product by product, without the frameworks."


@click.command(epilog=EXAMPLES)
@click.option("--cell", type=click.Choice(list(CELLS)), default="rnn", help=CELL)
@click.option("--scaled", is_flag=True, help=SCALED)
@click.option("--dtype", type=click.Choice(DTYPES), default="float64", help="Compute in this type.")
@click.option("--seed", type=SEEDS, default=0, help="Draw the numbers of this seed.")
@click.option("--full", is_flag=True, help="Print every number.")
@click.option("--steps", type=Ends(), default=f"0:{STEPS - 1}", help="Print these steps alone.")
@click.option("--unit", type=Whole(0, OUTPUTS - 1), help=UNIT)
def trace(
    cell: str,
    scaled: bool,
    dtype: str,
    seed: int,
    full: bool,
    steps: tuple[int, int],
    unit: int | None,
) -> int:
    """Print each step of the textbook's example beside frameworks.

    Prints input_t, state_t and output_t of each of the 42 steps, with the output_t of every
    installed framework, then the final output sequence, and the verdict on each framework. Of a
    GRU or an LSTM it prints each gate, and cell_t, an LSTM's c before the step. Exits with 0 where
    all agree, with 1 where not.
    """
    first, last = steps
    if not 0 <= first <= last < STEPS:
        order = "name the low end before the high one; " if first > last else ""
        raise click.UsageError(f"--steps {first}:{last}: {order}the steps are 0:{STEPS - 1}")
    chosen = range(first, last + 1)
    case = notebook_case(scaled, dtype, seed, cell)
    if unit is not None:
        for line in (written_sums if cell == "rnn" else gate_sums)(case, chosen, unit):
            click.echo(line)
        return 0
    result = _everyone(case)
    options: dict[str, Any] = {"threshold": np.inf} if full else {"threshold": 8, "edgeitems": 3}
    with np.printoptions(precision=9, floatmode="fixed", linewidth=100, **options):
        for line in _lines(result, chosen):
            click.echo(line)
    verdicts = [*_verdicts(result.outcomes)]
    moral = (_moral if cell == "rnn" else _gated_moral)(scaled, case, result.loop)
    click.echo("\n".join([moral, *verdicts] if scaled else [*verdicts, moral]))
    return 0 if all(outcome.agrees for outcome in result.outcomes.values()) else 1


def _everyone(case: Case) -> "Experiment":
    from harness.lesson.experiments import experiment  # not for --help

    names = default_frameworks()
    implementations = {}
    with show_progress("trace", len(names) + 1) as start:
        for name in names:
            start(f"loading {REFERENCES[name].title}")
            implementations[name] = load(name)
        start("judging")
        return experiment(case, implementations)


def _lines(result: "Experiment", steps: range) -> Iterator[str]:
    inputs, outputs = result.case.inputs[0], result.loop
    gated = gated_steps(result.case) if result.case.config.cell != "rnn" else []
    for t in steps:
        state_t = outputs[t - 1] if t else np.zeros_like(outputs[0])
        yield f"step {t}\n  input_t  {inputs[t]}\n  state_t  {state_t}"
        yield from _gate_lines(gated[t]) if gated else ()
        yield f"  output_t {outputs[t]}"
        for name, outcome in result.outcomes.items():
            equal = int(np.count_nonzero(outcome.sequence[t] == outputs[t]))
            used = _share(outcome.share[t])
            yield f"  {name:8} {outcome.sequence[t]}  {equal} of {outputs[t].size} equal, {used}"
    yield f"final_output_sequence\n{outputs}\nshape {outputs.shape}"


def _gate_lines(step: GatedStep) -> Iterator[str]:
    if "c" in step.before:
        yield f"  cell_t   {step.before['c']}"
    for gate, values in step.gates.items():
        yield f"  {f'{gate}_t':8} {values}"


def _share(share: float) -> str:
    return f"at most {share:.1%} of its bound" if share <= 1 else "outside its bound"


def _verdicts(outcomes: Mapping[str, "Outcome"]) -> Iterator[str]:
    if not outcomes:
        yield "no framework is installed to compare with: pip install 'rnn-parity[all]'"
    for name, one in outcomes.items():
        size, low, high = one.sequence.size, one.allowed.min(), one.allowed.max()
        bounds = f"The bounds of single steps are {low:.2g} to {high:.2g}."
        counts = f"{one.equal} of {size} outputs are equal to the loop's"
        apart = f"the sequences differ by at most {one.difference.max():.2g}"
        verdict = "differs: not every output is inside its derived bound."
        if one.agrees:
            verdict = (
                "agrees: each output is inside its derived bound, and the worst uses "
                f"{one.worst_ratio:.1%} of it."
            )
        yield f"{name} {verdict} {bounds}"
        yield f"  {counts}, and {apart}."


def _moral(scaled: bool, case: Case, outputs: np.ndarray) -> str:
    """Says with figures of these very data what agreement on them is worth."""
    (cell,) = case.weights
    mistaken = simple_rnn(case.inputs[0], cell.W, cell.U.T, cell.b_W)
    changed, share = float(np.max(np.abs(mistaken - outputs))), float(np.mean(outputs == 1))
    if scaled:
        return (
            f"With weights scaled by 1/sqrt(n) only {share:.0%} of the outputs are exactly 1, and "
            f"transposing U changes them by up to {changed:.3g}. "
            "Agreement on such data means something."
        )
    return (
        "The textbook's own data prove nothing. Every weight and input is in [0, 1), so tanh "
        f"saturates and {share:.0%} of the outputs are exactly 1. Transposing U, a plain mistake, "
        f"changes them by {changed:.3g}. `rnn-parity trace --scaled` shows data that can tell."
    )


def _gated_moral(scaled: bool, case: Case, outputs: np.ndarray) -> str:
    """The same of a cell with gates."""
    (cell,) = case.weights
    transposed = np.concatenate([U.T for U in np.split(cell.U, cell.gates)])
    mistaken = replace(case, weights=(replace(cell, U=transposed),))
    changed = float(np.max(np.abs(loop(mistaken).sequence[0] - outputs)))
    sigmoids = [
        values
        for step in gated_steps(case)
        for gate, values in step.gates.items()
        if gate != CANDIDATES[case.config.cell]
    ]
    low, high = np.min(sigmoids), np.max(sigmoids)
    if scaled:
        return (
            f"With weights scaled by 1/sqrt(n) the sigmoids lie between {low:.3g} and {high:.3g}, "
            f"and transposing U in each gate changes the outputs by up to {changed:.3g}. "
            "Agreement on such data means something."
        )
    return (
        "The textbook's own data prove little. Every weight and input is in [0, 1), so the gates "
        f"saturate: no sigmoid is below {low:.6g}. Transposing U in each gate, a plain mistake, "
        f"changes the outputs by {changed:.3g}. `rnn-parity trace --cell {case.config.cell} "
        "--scaled` shows data that can tell."
    )
