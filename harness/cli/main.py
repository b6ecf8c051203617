"""The group of commands, and the exit status of each kind of end."""

import errno
import io
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from harness.cli.words import check_words, flush_or_drop
from harness.printable import one_line

# The commands, each in the module of its name, which is imported for it alone: the first sentence
# of each is all that the list of them needs.
COMMANDS = {
    "verify": "Verify implementations against the hand-written loop.",
    "compare": "Compare two models: their arrays, and what they put out.",
    "convert": "Convert a model to a file of another framework, and prove it.",
    "explain": "Judge a saved case again, and explain what is wrong.",
    "audit": "Find out what your own check catches, and wrongly rejects.",
    "trace": "Print each step of the textbook's example beside frameworks.",
    "lesson": "Write the lesson, one page that works offline.",
    "campaign": "Judge very many cases, and survive a stop at any moment.",
    "calibrate": "Measure the errors of tanh, sigmoid and softsign.",
    "doctor": "Show what is installed, what it computes and what is missing.",
    "findings": "List the known differences, or describe one.",
    "init": "Write a skeleton that agrees, its test, and lines for CI.",
}
EXAMPLES = """\b
Examples:
  rnn-parity verify                 every installed framework against the loop
  rnn-parity verify my_rnn.py:run   your own
  rnn-parity doctor                 what is installed, and what is missing
  rnn-parity COMMAND --help         all that a command takes, with examples

\b
For bash to complete commands, options and implementations, add this line to .bashrc
(zsh: to .zshrc, with zsh_source; fish: with fish_source):
  eval "$(_RNN_PARITY_COMPLETE=bash_source rnn-parity)"
"""
CONTEXT = {"help_option_names": ["-h", "--help"], "show_default": True, "max_content_width": 100}
OUR_DEFECT = (
    "rnn-parity itself broke; this says nothing about the implementations. "
    "Please report the lines above."
)


class _Closed(Exception):
    """Nobody reads what is printed; click itself would exit with 1."""


class _Commands(click.Group):
    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Imports the command of this name; until then its sentence stands for it."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in COMMANDS:
            command = getattr(import_module(f"harness.cli.{name}"), name)
        return name, command, rest

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **more: Any) -> Any:
        """Checks every word, before a command makes anything of one."""
        with _one_sentence():
            check_words(args)
            return super().make_context(info_name, args, *rest, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Reports a name that is too long."""
        try:
            with _one_sentence():
                return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _Closed from error
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                name = one_line(repr(error.filename), 60)
                raise click.UsageError(f"{name} can be no file: {error.strerror}") from error
            raise


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Makes what a usage error repeats of a user's words harmless, on one line."""
    try:
        yield
    except click.ClickException as error:
        vars(error)["message"] = one_line(error.message)
        raise


@click.group(cls=_Commands, context_settings=CONTEXT, epilog=EXAMPLES)
@click.version_option(package_name="rnn-parity", prog_name="rnn-parity")
def cli() -> None:
    """Settles whether two recurrent layers compute the same thing."""


for name, sentence in COMMANDS.items():
    cli.add_command(click.Command(name, help=sentence))


def main() -> None:
    """Runs the command, and ends this process with its exit status.

    0 agreement, 1 something differs or crashes, 2 usage, 3 cannot tell, 4 the harness itself broke.
    """
    # For the rest of this process, what the shell closed leads nowhere.
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that lacks a letter shows its number.
            stream.reconfigure(errors="backslashreplace")
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
        status = 141
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        status = 141  # so rich ends where nobody reads what it prints
    except Exception as error:
        status = 4
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _say_lost(error)
        else:  # whatever is left is a defect of ours
            traceback.print_exc()
            click.echo(OUR_DEFECT, err=True)
    sys.exit(_flush(status))


def _flush(status: int) -> int:
    """Flushes what is printed; returns 4 or 141 instead of 0 where that shows it lost.

    Python would try again at its end, and exit with 120. Standard error may be lost: it holds no
    result.
    """
    flush_or_drop(sys.stderr)
    error = flush_or_drop(sys.stdout)
    if error is None or status in (4, 141):  # it was known before
        return status
    if isinstance(error, BrokenPipeError):
        return 141
    _say_lost(error)
    return status or 4


def _say_lost(error: OSError) -> None:
    click.echo(f"the output could not be written: {error.strerror}", err=True)
