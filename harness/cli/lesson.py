"""`rnn-parity lesson`."""

import webbrowser
from importlib.util import find_spec
from pathlib import Path

import click

NEEDS = ("matplotlib", "jinja2", "nbformat", "markdown_it", "pygments")


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="lesson.html",
    show_default=True,
    help="The page to write.",
)
@click.option("--open", "open_", is_flag=True, help="Open the page in a browser.")
@click.option(
    "--notebook",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the same lesson as a notebook, too.",
)
@click.option(
    "--numpy-only",
    is_flag=True,
    help="Import no framework: for a class without them; takes some seconds.",
)
def lesson(output: Path, open_: bool, notebook: Path | None, numpy_only: bool) -> int:
    """Write the lesson: one page that works offline, with pictures and exercises, every number in it computed now.

    It shows why the hand-written loop, PyTorch and Keras agree, what that means for floating point, and how a comparison can be blind.
    """
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        which = (
            f"{' and '.join(missing)}, which {'are' if len(missing) > 1 else 'is'} not installed"
        )
        raise click.UsageError(f"the lesson needs {which}: pip install 'rnn-parity[lesson]'")
    from harness.lesson.material import build
    from harness.lesson.notebook import notebook as write_notebook
    from harness.lesson.page import page

    click.echo("computing every number of the lesson: this takes some seconds", err=True)
    material = build(numpy_only)
    _write(output, page(material))
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
    click.echo(f"{path}: {len(text.encode()) / 1e6:.2f} MB")
