"""`rnn-parity explain`."""

import math
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import click

from harness.cli.completion import implementations
from harness.cli.options import FILE, memory_limit, time_limit
from harness.cli.usage import usage_errors
from harness.cli.words import say, trouble_of
from harness.draw.saved import load_case
from harness.draw.snippet import snippet
from harness.implementations.find import NotFound, Unusable
from harness.implementations.names import is_program
from harness.implementations.program import replay_command
from harness.implementations.resolve import check_name
from harness.judge.verdict import Verdict
from harness.mistakes.causes.diagnosis import Diagnosis
from harness.printable import how_many, one_line
from harness.processes.process import Ended
from harness.runs.effort import judging_seconds, steps_of
from harness.runs.failures import NO_MORE_CALLS, ended_process, when_imported
from harness.runs.findings import essentials, not_looked_for
from harness.runs.pool import ask_once
from harness.runs.worker import explain_in_worker
from references.case import Case

PATIENCE = 10.0  # seconds that a command takes without asking
# The verdict, that on a smaller case which is diagnosed instead, and the diagnosis.
Outcome = tuple[Verdict, Verdict | None, Diagnosis | None]
FACTS = 40  # of a file that are printed
EXAMPLE = """\b
Example: rnn-parity explain rnn-parity-failures/my-rnn-py-run-21a8c7cf-263329df.case

"saved with" stands before what was noted when the case was saved: its "reason" is why it failed
then, also where it agrees now.
"""
FORCE = "Judge and diagnose a case that takes more than ten seconds."


@click.command(epilog=EXAMPLE)
@click.argument("file", type=FILE)
@click.argument("implementation", required=False, shell_complete=implementations)
@click.option("-v", "--verbose", is_flag=True, help="Print all of it.")
@click.option("--force", is_flag=True, help=FORCE)
@time_limit
@memory_limit
@usage_errors()
def explain(
    file: Path,
    implementation: str | None,
    verbose: bool,
    force: bool,
    time_limit: float,
    memory_limit: int,
) -> int:
    """Judge a saved case again, and explain what is wrong.

    The case is judged on the code as it is now. Without IMPLEMENTATION, the code that FILE names is
    run, the one that failed, but for a program (command:...). For a file from a stranger, name an
    implementation yourself.
    """
    case, facts = load_case(file)
    name = implementation or _implementation(file, facts)
    if not force and (seconds := judging_seconds(case)) > PATIENCE:
        raise click.UsageError(
            f"{file} takes about {seconds:,.0f} s: it has {steps_of(case):,} steps, one after the "
            "other. To judge it all the same: --force"
        )
    check_name(name)
    patience = math.inf if force else PATIENCE
    verdict, small, diagnosis = _outcome(case, name, patience, (time_limit, memory_limit))
    if verbose or diagnosis is None:
        say(verdict)
        if diagnosis:
            say(f"  diagnosis   {diagnosis}")
        for line in _facts(facts):
            say(line)
    else:
        say(f"{name} {verdict.kind}: {verdict.reason}")
        say("\n".join(essentials(small or verdict, diagnosis, "smallest" if small else "case")))
    if verbose:
        if small:
            say("The smaller case that fails alike:")
        say(snippet(small.case if small else case))
    else:
        say("-v prints all of it, with the case as Python to paste")
    return {"agrees": 0, "differs": 1, "crashed": 1}.get(verdict.kind, 3)


def _outcome(case: Case, name: str, patience: float, bounds: tuple[float, int]) -> Outcome:
    """Returns the verdict, and what a worker makes of a failure. Raises Unusable."""
    arguments = (explain_in_worker, case, name, patience)
    answer: Outcome | Ended = ask_once(bounds, *arguments, group=name)
    if not isinstance(answer, Ended):
        return answer
    if answer.importing is not None:
        raise Unusable(f"{name} cannot be used: {when_imported(answer.how)}")
    why = not_looked_for(NO_MORE_CALLS, answer.how)
    return ended_process(name, case, answer.how), None, why


def _implementation(file: Path, facts: Mapping[str, Any]) -> str:
    """Returns the name in the file. Raises NotFound where it is none."""
    name = facts.get("implementation", "")
    if not name:
        raise NotFound(f"{file} does not say which implementation failed: name an IMPLEMENTATION")
    if not isinstance(name, str) or not name.isprintable() or trouble_of(name):
        text = one_line(repr(name), 60)
        raise NotFound(f"{file} says that {text} failed, which is no name: name an IMPLEMENTATION")
    if is_program(name):  # whoever wrote the file would say what is run
        command = replay_command(file, name)
        raise NotFound(f"{file} names a program, which is run only if you name it, too: {command}")
    return name


def _facts(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yields a line for each of the first facts; whoever wrote the file wrote them, too."""
    for name, value in islice(facts.items(), FACTS):
        yield f"  saved with  {one_line(name)} {one_line(value)}"
    if len(facts) > FACTS:
        yield f"  saved with  {how_many(len(facts) - FACTS, 'more fact')}"
