"""Where `verify` puts its result: the terminal, files that machines read, GitHub's summary and annotations."""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.console import Console

from harness.report.as_json import as_json
from harness.report.foreign import one_line
from harness.report.github import annotations, job_summary
from harness.report.junit import as_junit
from harness.report.markdown import as_markdown
from harness.runs.report import Report

FORMATS: dict[str, Callable[[Report], str]] = {
    "json": as_json,
    "junit": as_junit,
    "markdown": as_markdown,
}
HELP = {
    "json": "Write everything as JSON (schema 2).",
    "junit": "Write JUnit's XML, for Jenkins, GitLab and GitHub.",
    "markdown": "Write a summary as Markdown.",
}
STDOUT = "-"


class Outputs(NamedTuple):
    """What was asked for, checked."""

    files: Mapping[str, str]  # format -> file, or "-" for standard output
    github: bool
    quiet: bool


def output_options(function: Any) -> Any:
    """Adds --json, --junit, --markdown, --github and -q to a command."""
    function = click.option(
        "-q", "--quiet", is_flag=True, help="Print one line: what the run shows."
    )(function)
    text = "In a GitHub workflow: write the job's summary, and annotations, the worst first and at most ten."
    function = click.option("--github", is_flag=True, help=text)(function)
    for name in reversed(FORMATS):
        function = click.option(
            f"--{name}",
            metavar="FILE",
            help=f"{HELP[name]} '-' is standard output: the table then goes to standard error.",
        )(function)
    return function


def checked_outputs(options: dict[str, Any]) -> Outputs:
    """Takes its options out of `options`. Raises UsageError, before anything is run, for a file that cannot be written."""
    files = {name: file for name in FORMATS if (file := options.pop(name)) is not None}
    seen: dict[Any, str] = {}
    for name, file in files.items():
        place = STDOUT if file == STDOUT else Path(file).absolute()
        if place in seen:
            where = "standard output" if file == STDOUT else file
            raise click.UsageError(
                f"--{seen[place]} and --{name} both write to {where}: name another file for one of them"
            )
        seen[place] = name
        if file != STDOUT and (trouble := _trouble(Path(file))):
            raise click.UsageError(f"--{name} {file} cannot be written: {trouble}")
    return Outputs(files, options.pop("github"), options.pop("quiet"))


def write(report: Report, outputs: Outputs) -> int:
    """Prints and writes all that was asked for; returns the exit status: the report's, or 4 where it is 0 and an output was lost.

    The terminal comes first, so that a full disk loses nothing; what cannot be written is put elsewhere, and the place is said.
    """
    taken = STDOUT in outputs.files.values()
    in_github = outputs.github and os.environ.get("GITHUB_ACTIONS") == "true"
    with _no_commands(in_github, err=taken):
        if outputs.quiet:
            click.echo(one_line(report.sentence), err=taken)
        else:
            report.print_to(Console(stderr=taken))
    whole = True
    for name, file in outputs.files.items():
        text = FORMATS[name](report)
        if file == STDOUT:
            click.echo(_bytes(text), nl=False)
        else:
            whole &= _written(Path(file), text, "wb")
    if outputs.github and not in_github:
        click.echo(
            "--github wrote nothing: this is no GitHub workflow (GITHUB_ACTIONS is not 'true'); --markdown FILE writes the same summary.",
            err=True,
        )
    elif in_github:
        whole &= _to_github(report, err=taken)
    return report.exit_status if whole else report.exit_status or 4


def _trouble(path: Path) -> str:
    """Why nothing can be written there, as far as can be known without writing; else nothing."""
    try:
        if path.is_dir():
            return "it is a folder"
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}; make it first"
        new = not path.exists()
        if new or path.is_file():  # opening a pipe or a device now might wait for ever
            path.open("ab").close()
        if new:
            path.unlink()
    except (OSError, ValueError) as error:
        return _reason(error)
    return ""


def _written(path: Path, text: str, mode: str) -> bool:
    """Whether the text is where it should be."""
    try:
        with path.open(mode) as file:
            file.write(_bytes(text))
    except OSError as error:
        click.echo(
            f"{path} could not be written: {_reason(error)}; {_elsewhere(path, text)}", err=True
        )
        return False
    return True


def _elsewhere(path: Path, text: str) -> str:
    try:
        with tempfile.NamedTemporaryFile(
            "wb", prefix="rnn-parity-", suffix=path.suffix, delete=False
        ) as file:
            file.write(_bytes(text))
    except OSError:
        return f"nor could a temporary file, so here it is:\n{text}"
    return f"what it should hold is in {file.name}"


def _to_github(report: Report, err: bool) -> bool:
    for line in annotations(report):
        click.echo(line, err=err)
    summary = os.environ.get("GITHUB_STEP_SUMMARY", "")
    if not summary:
        click.echo("the job's summary was not written: GITHUB_STEP_SUMMARY is not set.", err=True)
        return False
    path = Path(summary)
    return _written(path, job_summary(report, path.stat().st_size if path.is_file() else 0), "ab")


@contextmanager
def _no_commands(in_github: bool, err: bool) -> Iterator[None]:
    """In between GitHub takes no line for a workflow command, whatever an implementation's exception says."""
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


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
