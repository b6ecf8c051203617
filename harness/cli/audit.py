"""`rnn-parity audit`."""

import click

from harness.cli.options import memory_limit, time_limit
from harness.cli.usage import usage_errors
from harness.cli.words import say
from harness.implementations.find import NotFound, Unusable
from harness.implementations.names import is_function
from harness.implementations.resolve import check_name
from harness.processes.process import Ended
from harness.runs.pool import ask_once
from harness.runs.worker import audit_in_worker

EXAMPLE = """\b
Example: rnn-parity audit tests/test_rnn.py:check

check(run) is a function of yours that raises AssertionError for a wrong run.
"""


@click.command(epilog=EXAMPLE)
@click.argument("check")
@time_limit
@memory_limit
@usage_errors()
def audit(check: str, time_limit: float, memory_limit: int) -> int:
    """Find out what your own check catches, and wrongly rejects.

    CHECK is package.module:function or file.py:function. It is called with the right loop,
    with each known mistake planted in it, and with right variants: other orders of the sums, and
    the installed frameworks. Exits with 0 where it catches all mistakes that apply and rejects no
    right variant, with 1 where not.
    """
    if not is_function(check):
        raise NotFound(f"check is {check!r}, expected package.module:function or file.py:function")
    check_name(check)
    result = ask_once((time_limit, memory_limit), audit_in_worker, check, group=check)
    if isinstance(result, Ended):
        raise Unusable(f"{check} {result.how}")
    say(str(result))
    return 1 if result.missed or result.rejected else 0
