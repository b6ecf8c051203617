"""`rnn-parity calibrate`."""

import json
from pathlib import Path

import click

from harness.cli.options import FILE
from harness.cli.outputs import obstacle
from harness.cli.usage import usage_errors
from harness.judge.bounds.activation import FUNCTIONS
from harness.runs.calibrate import NoTruth
from references import Unknown


@click.command(epilog="Example: rnn-parity calibrate torch -o torch.json")
@click.argument("implementations", nargs=-1)
@click.option("-o", "--output", type=FILE, help="Write the measurements to this JSON file.")
@usage_errors(Unknown, NoTruth)
def calibrate(implementations: tuple[str, ...], output: Path | None) -> int:
    """Measure the errors of tanh, sigmoid and softsign.

    Without IMPLEMENTATIONS, every installed framework but onnx is measured. Each float32 is tried,
    and float64 is searched for the largest errors; this takes minutes. Exits with 1 where an
    activation needs a larger K, the factor of its error bound, than the judge allows.
    """
    from harness.runs.calibrate import calibrate as measure

    if output and (trouble := obstacle(output)):
        raise click.UsageError(f"cannot write {output}: {trouble}")
    rows = []
    for worst in measure(implementations):
        rows.append(worst._asdict())
        name = f"{worst.activation:9} {worst.dtype} {worst.implementation:6} {worst.path:20}"
        error = f"needs K = {worst.k:.2f} of {FUNCTIONS[worst.activation].k}, {worst.ulp:.2f} ulp"
        end = "" if worst.not_one_up_to is None else f", not 1 up to {worst.not_one_up_to:.4g}"
        click.echo(f"{name} {worst.values:>12,} values: {error} at z = {worst.z!r}{end}")
    if output:
        output.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 1 if any(row["k"] > FUNCTIONS[row["activation"]].k for row in rows) else 0
