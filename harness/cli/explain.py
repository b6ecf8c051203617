"""`rnn-parity explain`."""

from pathlib import Path

import click

from harness.cli.completion import implementations
from harness.cli.options import FILE
from harness.cli.usage import usage_errors
from harness.draw.saved import load_case
from harness.draw.snippet import snippet
from harness.judge.judge import judge
from harness.mistakes.explain import explain as diagnosis_of
from harness.runs.findings import essentials
from harness.runs.resolve import NotFound, claim, resolve


@click.command(epilog="Example: rnn-parity explain rnn-parity-failures/my-rnn-py-run.case")
@click.argument("file", type=FILE)
@click.argument("implementation", required=False, shell_complete=implementations)
@click.option("-v", "--verbose", is_flag=True, help="Print all of it.")
@usage_errors()
def explain(file: Path, implementation: str | None, verbose: bool) -> int:
    """Judge a saved case again, and explain what is wrong.

    The case is judged on the code as it is now. Without IMPLEMENTATION, the code that FILE names is
    run, the one that failed. For a file from a stranger, name an implementation yourself.
    """
    case, facts = load_case(file)
    name = implementation or str(facts.get("implementation", ""))
    if not name:
        raise NotFound(f"{file} does not say which implementation failed: name an IMPLEMENTATION")
    name, run = resolve(name)
    run = claim(run, [case.config.nonlinearity])
    verdict = judge(case, run, name)
    failed = verdict.kind in ("differs", "crashed")
    diagnosis = diagnosis_of(verdict, run) if failed else None
    if verbose or diagnosis is None:
        click.echo(str(verdict))
        if diagnosis:
            click.echo(f"  diagnosis   {diagnosis}")
        for fact, value in facts.items():
            click.echo(f"  saved with  {fact} {value}")
        click.echo(snippet(case))
    else:
        click.echo(f"{name} {verdict.kind}: {verdict.reason}")
        click.echo("\n".join(essentials(verdict, diagnosis, "case")))
        click.echo("-v prints all of it, with the case as Python to paste")
    return {"agrees": 0, "differs": 1, "crashed": 1}.get(verdict.kind, 3)
