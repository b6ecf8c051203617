"""The command line: its group of commands, and what each kind of end exits with."""

import errno
import io
import os
import sys
import traceback
from typing import Any

import click

from harness.cli.audit import audit
from harness.cli.calibrate import calibrate
from harness.cli.campaign import campaign
from harness.cli.doctor import doctor
from harness.cli.explain import explain
from harness.cli.findings import findings
from harness.cli.lesson import lesson
from harness.cli.trace import trace
from harness.cli.verify import verify

EXAMPLES = """\b
Examples:
  rnn-parity verify                       every installed framework against the hand-written loop
  rnn-parity verify my_rnn.py:run         your own
  rnn-parity doctor                       what is installed, what can be checked, what is missing
  rnn-parity COMMAND --help               all that a command takes, with examples

\b
Completion of commands, options and implementations, for bash (in .bashrc), zsh (in .zshrc; zsh_source) or fish (fish_source):
  eval "$(_RNN_PARITY_COMPLETE=bash_source rnn-parity)"
"""


class _Closed(Exception):
    """Nobody reads what is printed. click itself would exit with 1."""


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """As usual; where an output is lost, it says how."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _Closed from error
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            click.echo(f"the output could not be written: {error.strerror}", err=True)
            raise click.exceptions.Exit(4) from error


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXAMPLES,
)
@click.version_option(package_name="rnn-parity", prog_name="rnn-parity")
def cli() -> None:
    """Settles whether two recurrent layers compute the same thing."""


for command in (verify, explain, audit, trace, lesson, campaign, calibrate, doctor, findings):
    cli.add_command(command)


def main() -> None:
    """Exit status: 0 agreement, 1 something differs or crashes, 2 usage, 3 cannot tell, 4 the harness itself broke."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - for the rest of this process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a terminal without a letter shows its number
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Exit as end:
        status = end.exit_code
    except click.ClickException as error:
        error.show()
        status = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        status = 130
    except (BrokenPipeError, _Closed):
        sys.stderr.close()
        status = 141
    except Exception:  # whatever is left is a defect of ours, and says so
        traceback.print_exc()
        click.echo(
            "rnn-parity itself broke; this says nothing about the implementations. Please report the lines above.",
            err=True,
        )
        status = 4
    sys.exit(status)
