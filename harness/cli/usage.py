"""Turns what a user got wrong into click's usage errors: one sentence, exit status 2."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec

import click

from harness.cli.words import say
from harness.draw.saved import Unreadable
from harness.implementations.find import NotFound, Unusable
from harness.printable import in_words
from references import NotInstalled

KINDS: tuple[type[Exception], ...] = (NotFound, NotInstalled, Unreadable)


@contextmanager
def usage_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Raises UsageError instead of errors about names, frameworks or files, or of these kinds.

    Code that is there but cannot be used is no wrong command: that ends with exit status 1, and
    notes of the error say what follows from it.
    """
    try:
        yield
    except Unusable as error:
        place = f"\n  raised at   {error.crash}" if error.crash else ""
        say("\n".join([f"Crashed: {error}{place}", *getattr(error, "__notes__", ())]), err=True)
        raise click.exceptions.Exit(1) from error
    except (*KINDS, *kinds) as error:
        raise click.UsageError(str(error)) from error


def need(modules: Sequence[str], command: str, extra: str) -> None:
    """Raises UsageError where a module that `command` needs is not installed."""
    if missing := [name for name in modules if find_spec(name) is None]:
        which = f"{in_words(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed"
        raise click.UsageError(f"{command} needs {which}: pip install 'rnn-parity[{extra}]'")
