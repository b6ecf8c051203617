"""`rnn-parity lesson`."""

import os
import webbrowser
from pathlib import Path

import click

from harness.cli.options import FILE
from harness.cli.outputs import STDOUT, obstacle
from harness.cli.progress import show_progress
from harness.cli.usage import need
from harness.cli.words import say

EXAMPLES = """\b
Examples:
  rnn-parity lesson --open
  rnn-parity lesson -o rnn.html --notebook rnn.ipynb
  rnn-parity lesson --numpy-only
"""
NEEDS = ("matplotlib", "jinja2", "nbformat", "markdown_it", "pygments")


@click.command(epilog=EXAMPLES)
@click.option("-o", "--output", type=FILE, default="lesson.html", help="Write the page to FILE.")
@click.option("--open", "open_", is_flag=True, help="Open the page in a browser.")
@click.option("--notebook", type=FILE, help="Write the same lesson as a notebook to FILE, too.")
@click.option("--numpy-only", is_flag=True, help="Use no framework, for a class without them.")
def lesson(output: Path, open_: bool, notebook: Path | None, numpy_only: bool) -> int:
    """Write the lesson, one page that works offline.

    It shows with pictures and exercises why the hand-written loop, PyTorch and Keras agree, what
    that means for floating point, and how a comparison can be blind. Every number is computed now.
    """
    need(NEEDS, "the lesson", "lesson")
    for path in filter(None, (output, notebook)):
        if trouble := "name a file" if str(path) == STDOUT else obstacle(path):
            raise click.UsageError(f"cannot write {path}: {trouble}")
    if notebook and os.path.realpath(notebook) == os.path.realpath(output):
        text = (
            f"the page and --notebook both write to {notebook}: name another file for one of them"
        )
        raise click.UsageError(text)
    from harness.lesson.material import build, stage_count
    from harness.lesson.notebook import notebook as write_notebook
    from harness.lesson.page import page

    click.echo("computing every number of the lesson: this takes some seconds", err=True)
    with show_progress("lesson", stage_count(numpy_only) + 1) as start:
        material = build(numpy_only, start)
        start("writing the page")
        text = page(material)
    _write(output, text)
    if notebook:
        _write(notebook, write_notebook(material))
    if open_:
        webbrowser.open(output.resolve().as_uri())
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from error
    say(f"{path}: {len(text.encode()) / 1e6:.2f} MB")
