"""`rnn-parity explain`."""

from pathlib import Path

import click

from harness.cli.completion import implementations
from harness.cli.options import FILE, memory_limit, time_limit
from harness.cli.usage import usage_errors
from harness.draw.saved import load_case
from harness.draw.snippet import snippet
from harness.mistakes.diagnosis import Diagnosis
from harness.runs.failures import ended_process, when_imported
from harness.runs.find import NotFound, Unusable
from harness.runs.findings import essentials
from harness.runs.pool import ask_once
from harness.runs.process import Ended
from harness.runs.resolve import check_name
from harness.runs.worker import explain_in_worker


@click.command(epilog="Example: rnn-parity explain rnn-parity-failures/my-rnn-py-run.case")
@click.argument("file", type=FILE)
@click.argument("implementation", required=False, shell_complete=implementations)
@click.option("-v", "--verbose", is_flag=True, help="Print all of it.")
@time_limit
@memory_limit
@usage_errors()
def explain(
    file: Path,
    implementation: str | None,
    verbose: bool,
    time_limit: float,
    memory_limit: int,
) -> int:
    """Judge a saved case again, and explain what is wrong.

    The case is judged on the code as it is now. Without IMPLEMENTATION, the code that FILE names is
    run, the one that failed. For a file from a stranger, name an implementation yourself.
    """
    case, facts = load_case(file)
    name = implementation or str(facts.get("implementation", ""))
    if not name:
        raise NotFound(f"{file} does not say which implementation failed: name an IMPLEMENTATION")
    check_name(name)
    outcome = ask_once((time_limit, memory_limit), explain_in_worker, case, name)
    if isinstance(outcome, Ended):
        if outcome.importing is not None:
            raise Unusable(f"{name} cannot be used: {when_imported(outcome.how)}")
        why = Diagnosis((), "Not looked for: what ends its process cannot be called again.")
        outcome = ended_process(name, case, outcome.how), why
    verdict, diagnosis = outcome
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
