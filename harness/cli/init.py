"""`rnn-parity init`."""

import keyword
import shlex
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click

from harness.cli.options import FILE
from harness.cli.words import say
from harness.printable import in_words

TEMPLATES = Path(__file__).parent / "templates"
# By style: what it is, and the packages that it needs.
STYLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "notebook": ("a loop over one sequence, W @ x", ()),
    "rows": ("a loop over one sequence, inputs @ W", ()),
    "time-major": ("a function of (T, B, I), with an initial state", ()),
    "class": ("a class that holds its weights", ()),
    "torch": ("a torch module", ("torch",)),
    "keras": ("a Keras layer", ("keras", "tensorflow")),
    "onnx": ("a graph in ONNX Runtime", ("onnx", "onnxruntime")),
    "jax": ("a scan in JAX", ("jax",)),
    "command": ("a program, which reads and writes files", ()),
}
# Names that a file beside a test cannot have: it would be imported instead.
RESERVED = {"harness", "references", "numpy", "pytest", *sys.stdlib_module_names}
RESERVED |= {package for _, packages in STYLES.values() for package in packages}
LINES = "\n".join(f"  {name:<12}{what}" for name, (what, _) in STYLES.items())
EXAMPLES = f"""\b
Examples:
  rnn-parity init
  rnn-parity init my_rnn.py --style time-major
  rnn-parity init kernels/rnn.py --style command

\b
Styles:
{LINES}
"""


@click.command(epilog=EXAMPLES)
@click.argument("path", type=FILE, default="my_rnn.py")
@click.option("--style", type=click.Choice([*STYLES]), default="notebook", help="The convention.")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
def init(path: Path, style: str, force: bool) -> None:
    """Write a skeleton that agrees, its test, and lines for CI.

    PATH is the Python file; its test is written beside it. Put your own code in its place, and
    verify again.
    """
    _check_name(path)
    test = path.with_name(f"test_{path.name}")
    _check_new((path, test), force)
    kind = "test-command" if style == "command" else "test"
    for file, template in ((path, style), (test, kind)):
        text = _text(template, file=path.name, module=path.stem)
        try:
            with open(file, "w" if force else "x", encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            raise click.UsageError(f"{file} cannot be written: {error.strerror}") from error
    for line in _next_steps(path, test, style):
        say(line)


def _check_name(path: Path) -> None:
    """Raises UsageError for a path that cannot be such a file."""
    stem = path.stem
    if path.suffix != ".py" or not stem.isidentifier() or keyword.iskeyword(stem):
        raise click.UsageError(f"{path} cannot be imported; name a Python file such as my_rnn.py")
    if stem in RESERVED:
        raise click.UsageError(f"{path} would be imported for {stem} itself; choose another name")
    if not path.parent.is_dir():
        raise click.UsageError(f"there is no folder {path.parent}; make it first")


def _check_new(files: tuple[Path, ...], force: bool) -> None:
    """Raises UsageError for files that are there already, unless they may be overwritten."""
    if not force and (there := [str(file) for file in files if file.exists()]):
        verb = "is" if len(there) == 1 else "are"
        raise click.UsageError(f"{in_words(there)} {verb} there already; to overwrite: --force")


def _text(template: str, **values: str) -> str:
    """Returns the text of a template, in which {name} stands for a value."""
    text = (TEMPLATES / f"{template}.template").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _next_steps(path: Path, test: Path, style: str) -> Iterator[str]:
    """Yields the lines that say what was written, and what to run here and in CI."""
    what, packages = STYLES[style]
    is_program = style == "command"
    name = f"command:python {shlex.quote(str(path))}" if is_program else f"{path}:run"
    yield f"{path} is {what}, and {test} its test. They agree as they stand; now put in yours:"
    if missing := [package for package in packages if find_spec(package) is None]:
        yield f"  pip install {' '.join(missing)}"
    yield f"  rnn-parity verify {shlex.quote(name)}"
    yield f"  pytest {shlex.quote(str(test))}"
    yield "For GitHub, as .github/workflows/rnn-parity.yml (harness/report/README.md has more):"
    values = {
        "packages": " ".join(("pytest", *packages)),
        "name": shlex.quote(name),
        "test": shlex.quote(str(test)),
    }
    yield _text("workflow", **values)
