"""`rnn-parity findings`."""

import click

from harness.runs.ledger import Difference, differences


@click.command(
    epilog="Examples: rnn-parity findings; rnn-parity findings torch-positional-dtype --script"
)
@click.argument("id", required=False)
@click.option("--script", is_flag=True, help="Print nothing but the finding's script.")
def findings(id: str | None, script: bool) -> int:
    """List the known differences: faults of the frameworks that rnn-parity found; with ID, all that is known of one.

    Each has a script of at most ten lines in the framework's own terms: rnn-parity findings ID --script | python -
    """
    if id is None:
        if script:
            raise click.UsageError("--script prints one finding's script: name its ID")
        for difference in differences():
            click.echo(
                f"{difference.id} ({difference.status} here)\n    {difference.observed}\n    {difference.upstream}"
            )
        return 0
    found = next((difference for difference in differences() if difference.id == id), None)
    if found is None:
        raise click.UsageError(
            f"there is no finding {id!r}; there are {', '.join(difference.id for difference in differences())}"
        )
    click.echo(found.script.strip() if script else described(found))
    return 0


def described(difference: Difference) -> str:
    """Everything that an entry says, as text."""
    versions = ", ".join(f"{name} {wanted}" for name, wanted in difference.versions.items())
    return "\n".join(
        [
            difference.id,
            f"  met by     {', '.join(difference.implementations)}",
            f"  versions   {versions} ({difference.status} here)",
            f"  observed   {difference.observed}",
            f"  reason     {difference.reason}",
            f"  witness    {difference.witness}",
            f"  upstream   {difference.upstream}",
            "  script",
            *(f"    {line}" for line in difference.script.strip().splitlines()),
            "  prints",
            *(f"    {line}" for line in difference.output.strip().splitlines()),
        ]
    )
