"""Writes a result: to the terminal, to files, to GitHub's summary and annotations."""

import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from harness.cli.outputs import STDOUT, Destinations
from harness.cli.words import flush_or_drop, say
from harness.printable import one_line
from harness.runs.report import Report
from harness.runs.writable import reason_of

if TYPE_CHECKING:
    from harness.models.comparison import Comparison

Format = Callable[[Any], str]


def write(result: "Report | Comparison", outputs: Destinations) -> int:
    """Prints and writes the result; returns the exit status.

    It is the result's, or 4 where that is 0 and an output was lost. The terminal comes first, so
    that a full disk loses nothing. What cannot be written is put elsewhere, and a line says where.
    A terminal that nobody reads loses no file.
    """
    # With a document on standard output, all else goes to standard error.
    err = STDOUT in outputs.files.values()
    in_github = outputs.github and os.environ.get("GITHUB_ACTIONS") == "true"
    lost: list[OSError | SystemExit] = []  # rich raises SystemExit where nobody reads
    with _noted(lost), _no_commands(in_github, err):
        if outputs.quiet:
            click.echo(one_line(result.sentence), err=err)
        else:
            result.print_to(Console(stderr=err), outputs.verbose)
    whole, formats = True, _formats(result) if outputs.files else {}
    for name, file in outputs.files.items():
        text = formats[name](result)
        if file == STDOUT:
            with _noted(lost):
                click.echo(_bytes(text), nl=False)
        else:
            whole &= _save(Path(file), text, "wb")
    if in_github and isinstance(result, Report):
        whole &= _to_github(result)
        with _noted(lost):
            _annotate(result, err)
    elif outputs.github:
        click.echo(
            "--github wrote nothing: this is no GitHub workflow (GITHUB_ACTIONS is not 'true'). "
            "--markdown FILE writes the same summary.",
            err=True,
        )
    for error in lost:
        if not isinstance(error, OSError) or isinstance(error, BrokenPipeError):
            raise error
        whole = False
        say(f"the output could not be written: {reason_of(error)}", err=True)
    return result.exit_status if whole else result.exit_status or 4


@contextmanager
def _noted(lost: list[OSError | SystemExit]) -> Iterator[None]:
    """Goes on where nothing can be printed, or nobody reads it; the error is noted."""
    try:
        yield
    except (OSError, SystemExit) as error:
        lost.append(error)
        flush_or_drop(sys.stdout)


def _formats(result: "Report | Comparison") -> Mapping[str, Format]:
    """Returns what makes each document, which is imported where one is asked for."""
    if isinstance(result, Report):
        from harness.report.as_json import as_json
        from harness.report.junit import as_junit
        from harness.report.markdown import as_markdown

        return {"json": as_json, "junit": as_junit, "markdown": as_markdown}
    from harness.report.comparison import comparison_json, comparison_junit, comparison_markdown

    return {"json": comparison_json, "junit": comparison_junit, "markdown": comparison_markdown}


def _save(path: Path, text: str, mode: str) -> bool:
    """Writes the text, or saves it elsewhere and returns False."""
    try:
        with path.open(mode) as file:
            file.write(_bytes(text))
    except OSError as error:
        message = f"{path} could not be written: {reason_of(error)}; {_save_elsewhere(path, text)}"
        say(message, err=True)
        return False
    return True


def _save_elsewhere(path: Path, text: str) -> str:
    try:
        with tempfile.NamedTemporaryFile(
            "wb", prefix="rnn-parity-", suffix=path.suffix, delete=False
        ) as file:
            file.write(_bytes(text))
    except OSError:
        return f"nor could a temporary file, so here it is:\n{text}"
    return f"what it should hold is in {file.name}"


def _annotate(report: Report, err: bool) -> None:
    from harness.report.github import annotations

    for line in annotations(report):
        click.echo(line, err=err)


def _to_github(report: Report) -> bool:
    from harness.report.github import job_summary

    summary = os.environ.get("GITHUB_STEP_SUMMARY", "")
    if not summary:
        click.echo("the job's summary was not written: GITHUB_STEP_SUMMARY is not set.", err=True)
        return False
    path = Path(summary)
    return _save(path, job_summary(report, path.stat().st_size if path.is_file() else 0), "ab")


@contextmanager
def _no_commands(in_github: bool, err: bool) -> Iterator[None]:
    """Stops GitHub from taking a line for a workflow command, whatever an exception says."""
    token = secrets.token_hex(16)
    if in_github:
        click.echo(f"::stop-commands::{token}", err=err)
    try:
        yield
    finally:
        if in_github:
            click.echo(f"::{token}::", err=err)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
