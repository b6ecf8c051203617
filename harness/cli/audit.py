"""`rnn-parity audit`."""

import click

from harness.mistakes.audit import audit as run_audit
from harness.runs.resolve import NotFound, find


@click.command(
    epilog="Example: rnn-parity audit tests/test_rnn.py:check, where check(run) raises AssertionError for a wrong run"
)
@click.argument("check")
def audit(check: str) -> int:
    """Say which known mistakes your own CHECK (package.module:function or file.py:function, called as check(run)) would see.

    Exits with 0 where it sees all, 1 where it misses some.
    """
    try:
        if ":" not in check:
            raise NotFound(
                f"check is {check!r}, expected package.module:function or file.py:function"
            )
        result = run_audit(find(check))
    except (NotFound, ValueError) as error:
        raise click.UsageError(str(error)) from error
    click.echo(str(result))
    return 1 if result.missed else 0
