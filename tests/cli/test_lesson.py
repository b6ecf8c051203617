"""The command: what it writes, and its sentence for what goes wrong."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import lesson as module
from harness.cli.main import cli
from tests.cli.commands import complaint


@pytest.fixture
def quick(monkeypatch):
    """The command with a page that is quickly made."""
    monkeypatch.setattr("harness.lesson.material.build", lambda numpy_only, start: numpy_only)
    monkeypatch.setattr("harness.lesson.page.page", lambda material: f"<p>numpy only: {material}\n")
    monkeypatch.setattr("harness.lesson.notebook.notebook", lambda material: "{}\n")


def invoked(*words):
    return CliRunner().invoke(cli, ["lesson", *words])


@pytest.mark.usefixtures("quick")
def test_it_writes_to_the_files_that_are_named():
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
    sentence = complaint("lesson", "-o", "nowhere/lesson.html")
    assert sentence == "cannot write nowhere/lesson.html: there is no folder nowhere; make it first"
    assert complaint("lesson", "-o", "-") == "cannot write -: name a file"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("notebook", ["lesson.html", "./lesson.html", "link"])
def test_the_page_and_the_notebook_are_never_one_file(notebook):
    Path("link").symlink_to("lesson.html")
    sentence = complaint("lesson", "--notebook", notebook)
    expected = f"the page and --notebook both write to {notebook.removeprefix('./')}: "
    assert sentence == f"{expected}name another file for one of them"
    assert not Path("lesson.html").exists()


def test_its_packages_are_needed_before_anything_is_written(monkeypatch):
    monkeypatch.setattr("harness.cli.usage.find_spec", lambda name: None)
    assert complaint("lesson").startswith("the lesson needs matplotlib, jinja2, nbformat, ")
    assert not Path("lesson.html").exists()
