"""`rnn-parity calibrate`."""

import json
from pathlib import Path

import click

from harness.judge.activation import K


@click.command(epilog="Example: rnn-parity calibrate torch -o torch.json")
@click.argument("implementations", nargs=-1)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the measurements to this JSON file.",
)
def calibrate(implementations: tuple[str, ...], output: Path | None) -> int:
    """Measure how far the activations of IMPLEMENTATIONS (default: all installed) are from the truth.

    Sweeps every float32 and searches float64; takes minutes. Exits with 1 where one needs more than the K that the judge allows.
    """
    from harness.runs.calibrate import calibrate as measure

    rows = []
    for worst in measure(implementations):
        rows.append(worst._asdict())
        click.echo(
            f"{worst.activation:9} {worst.dtype} {worst.implementation:6} {worst.path:20} {worst.values:>12,} values: "
            f"needs K = {worst.k:.2f} of {K[worst.activation]}, {worst.ulp:.2f} ulp at z = {worst.z!r}"
            + ("" if worst.not_one_up_to is None else f", not 1 up to {worst.not_one_up_to:.4g}")
        )
    if output:
        output.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 1 if any(row["k"] > K[row["activation"]] for row in rows) else 0
