"""The command: what it writes, what it imports, and its sentence for what goes wrong."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import lesson as module
from harness.cli.main import cli


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def quick(monkeypatch):
    """The command with a page that is quickly made."""
    monkeypatch.setattr("harness.lesson.material.build", lambda numpy_only: numpy_only)
    monkeypatch.setattr("harness.lesson.page.page", lambda material: f"<p>numpy only: {material}\n")
    monkeypatch.setattr("harness.lesson.notebook.notebook", lambda material: "{}\n")


def invoked(*words):
    return CliRunner().invoke(cli, ["lesson", *words])


def test_the_command_line_imports_nothing_that_draws():
    probe = "import sys, harness.cli.main; print(*{'matplotlib', 'jinja2', 'nbformat', 'harness.lesson'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.usefixtures("quick")
def test_it_writes_where_it_is_told():
    result = invoked()
    assert (result.exit_code, result.stdout) == (0, "lesson.html: 0.00 MB\n")
    assert result.stderr == "computing every number of the lesson: this takes some seconds\n"
    assert Path("lesson.html").read_text() == "<p>numpy only: False\n"
    assert invoked("-o", "other.html", "--notebook", "other.ipynb", "--numpy-only").exit_code == 0
    assert Path("other.html").read_text() == "<p>numpy only: True\n"
    assert Path("other.ipynb").read_text() == "{}\n"


@pytest.mark.usefixtures("quick")
def test_it_opens_the_page_only_when_asked(monkeypatch):
    opened = []
    monkeypatch.setattr(module.webbrowser, "open", opened.append)
    invoked()
    assert opened == []
    invoked("--open")
    assert opened == [Path("lesson.html").resolve().as_uri()]


@pytest.mark.usefixtures("quick")
def test_a_place_that_cannot_be_written_is_a_usage_error():
    result = invoked("-o", "nowhere/lesson.html")
    assert result.exit_code == 2
    assert result.stderr.strip().endswith(
        "Error: cannot write nowhere/lesson.html: No such file or directory"
    )


def test_what_is_missing_is_named_with_what_installs_it(monkeypatch):
    for gone, words in (
        (("jinja2", "nbformat"), "jinja2 and nbformat, which are"),
        (("pygments",), "pygments, which is"),
    ):
        monkeypatch.setattr(
            module, "find_spec", lambda name, gone=gone: None if name in gone else object()
        )
        result = invoked()
        assert result.exit_code == 2
        assert result.stderr.strip().endswith(
            f"Error: the lesson needs {words} not installed: pip install 'rnn-parity[lesson]'"
        )
        assert not Path("lesson.html").exists()
