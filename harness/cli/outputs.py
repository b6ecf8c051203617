"""The options that say where a result goes: to files, to GitHub, and how much of it is printed."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from harness.cli.options import add_options
from harness.runs.writable import reason_of, writing_error

FORMATS = {
    "json": "the whole report as JSON (schema 2)",
    "junit": "JUnit's XML, for Jenkins, GitLab and GitHub",
    "markdown": "a summary as Markdown",
}
STDOUT = "-"
STDOUTS = (STDOUT, "/dev/stdout", "/dev/fd/1")  # opened again, it would overwrite what is printed
# Of files that a report may overwrite: an earlier report's, or of none that is known.
SUFFIXES = ("", ".json", ".xml", ".md", ".markdown", ".txt", ".log", ".out", ".html")
GITHUB = "In a GitHub workflow, write the job's summary, and the ten worst failures as annotations."

VERBOSE = "Print all that is known of a failure, not only the twelve lines that matter most."


class Destinations(NamedTuple):
    """Where the user wants the result, checked."""

    files: Mapping[str, str]  # format -> file, or "-" for standard output
    github: bool
    quiet: bool
    verbose: bool


def output_options(command: Any, github: bool = True) -> Any:
    """Adds --json, --junit, --markdown, --github, -q and -v to a command."""
    options = [
        click.option(
            f"--{name}", metavar="FILE", help=f"Write {text} to FILE; '-' is standard output."
        )
        for name, text in FORMATS.items()
    ]
    if github:
        options.append(click.option("--github", is_flag=True, help=GITHUB))
    options.append(click.option("-q", "--quiet", is_flag=True, help="Print one line, the result."))
    options.append(click.option("-v", "--verbose", is_flag=True, help=VERBOSE))
    return add_options(command, options)


def pop_outputs(options: dict[str, Any]) -> Destinations:
    """Removes these options from `options`.

    Raises UsageError, before anything is run, for a file that cannot be written.
    """
    files = {name: file for name in FORMATS if (file := options.pop(name)) is not None}
    files = {name: STDOUT if file in STDOUTS else file for name, file in files.items()}
    users: dict[Any, str] = {}
    for name, file in files.items():
        place = file if file == STDOUT else os.path.realpath(file)
        if place in users:
            where = "standard output" if file == STDOUT else file
            raise click.UsageError(
                f"--{users[place]} and --{name} both write to {where}: "
                "name another file for one of them"
            )
        users[place] = name
        if file != STDOUT and (trouble := obstacle(Path(file))):
            raise click.UsageError(f"--{name} {file} cannot be written: {trouble}")
    github = options.pop("github", False)
    return Destinations(files, github, *map(options.pop, ("quiet", "verbose")))


def obstacle(path: Path) -> str:
    """Says why nothing can be written there, as far as can be known without writing."""
    try:
        filled = path.is_file() and path.stat().st_size
    except (OSError, ValueError) as error:
        return reason_of(error)
    if filled and path.suffix.lower() not in SUFFIXES:
        return f"it is there, and {path.suffix} is no suffix of a report; name another file"
    return writing_error(path)
