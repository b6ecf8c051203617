"""`rnn-parity audit`."""

import click

from harness.cli.usage import usage_errors
from harness.mistakes.audit import audit as run_audit
from harness.runs.resolve import NotFound, find

EXAMPLE = """\b
Example: rnn-parity audit tests/test_rnn.py:check

check(run) is a function of yours that raises AssertionError for a wrong run.
"""


@click.command(epilog=EXAMPLE)
@click.argument("check")
@usage_errors(ValueError)
def audit(check: str) -> int:
    """Find out what your own check catches, and wrongly rejects.

    CHECK is package.module:function or file.py:function. It is called with the right loop,
    with each known mistake planted in it, and with right variants: other orders of the sums, and
    the installed frameworks. Exits with 0 where it catches all mistakes that apply and rejects no
    right variant, with 1 where not.
    """
    if ":" not in check:
        raise NotFound(f"check is {check!r}, expected package.module:function or file.py:function")
    result = run_audit(find(check))
    click.echo(str(result))
    return 1 if result.missed or result.rejected else 0
