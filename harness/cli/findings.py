"""`rnn-parity findings`."""

from textwrap import indent

import click

from harness.runs.ledger import Difference, differences

EXAMPLES = """\b
Examples:
  rnn-parity findings
  rnn-parity findings torch-positional-dtype
  rnn-parity findings torch-positional-dtype --script | python -
"""


@click.command(epilog=EXAMPLES)
@click.argument("id", required=False)
@click.option("--script", is_flag=True, help="Print the script of the finding with this ID only.")
def findings(id: str | None, script: bool) -> int:
    """List the known differences, or describe one.

    A known difference is a fault of a framework that rnn-parity found. Each has an ID, and a script
    of at most ten lines, in the framework's own terms, that shows it.
    """
    entries = {entry.id: entry for entry in differences()}
    if id is None:
        if script:
            raise click.UsageError("--script prints one finding's script: name its ID")
        for entry in entries.values():
            click.echo(
                f"{entry.id} ({entry.status} here)\n    {entry.observed}\n    {entry.upstream}"
            )
    elif id not in entries:
        raise click.UsageError(f"there is no finding {id!r}; there are {', '.join(entries)}")
    else:
        entry = entries[id]
        click.echo(entry.script.strip() if script else describe(entry))
    return 0


def bound_of(entry: Difference) -> str:
    """Says in words what would be another difference."""
    if entry.activation_error is not None:
        return f"known while tanh and sigmoid are off by at most {entry.activation_error:g}"
    if entry.deviation is not None:
        return f"known while outputs lie at most {entry.deviation:g} outside of their bounds"
    return "none: a difference of any size is known"


def describe(entry: Difference) -> str:
    """Writes an entry out as text."""
    versions = ", ".join(f"{name} {specifier}" for name, specifier in entry.versions.items())
    versions += f", on Keras' {entry.backend} backend" if entry.backend else ""
    return f"""{entry.id}
  met by     {", ".join(entry.implementations)}
  versions   {versions} ({entry.status} here)
  observed   {entry.observed}
  reason     {entry.reason}
  witness    {entry.witness}
  upstream   {entry.upstream}
  bound      {bound_of(entry)}
  script
{indent(entry.script.strip(), "    ")}
  prints
{indent(entry.output.strip(), "    ")}"""
