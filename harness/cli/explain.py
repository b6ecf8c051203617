"""`rnn-parity explain`."""

from pathlib import Path

import click

from harness.draw.saved import Unreadable, load_case
from harness.draw.snippet import snippet
from harness.judge.judge import judge
from harness.mistakes.diagnosis import diagnose
from harness.runs.resolve import NotFound, resolve
from references import NotInstalled


@click.command(epilog="Example: rnn-parity explain rnn-parity-failures/my-rnn-py-run.case")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("implementation", required=False)
def explain(file: Path, implementation: str | None) -> int:
    """Replay a saved case against IMPLEMENTATION (default: the one that failed) as it is now, and say what went wrong.

    The implementation that a file names is code that is run: for a file from a stranger, name one yourself.
    """
    try:
        case, facts = load_case(file)
        given = implementation or str(facts.get("implementation", ""))
        if not given:
            raise NotFound(
                f"{file} does not say which implementation failed: name an IMPLEMENTATION"
            )
        name, run = resolve(given)
    except (Unreadable, NotFound, NotInstalled) as error:
        raise click.UsageError(str(error)) from error
    verdict = judge(case, run, name)
    click.echo(str(verdict))
    if verdict.kind in ("differs", "crashed"):
        click.echo(f"  diagnosis   {diagnose(verdict.case, run)}")
    for fact, value in facts.items():
        click.echo(f"  then        {fact} {value}")
    click.echo(snippet(case))
    return {"agrees": 0, "differs": 1, "crashed": 1}.get(verdict.kind, 3)
