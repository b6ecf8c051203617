"""Where the result is to go: what cannot be is said before anything is run."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli.main import cli
from tests.cli.commands import SMALL, complaint

pytestmark = pytest.mark.process
FEW = ("verify", "mine.py:run", *SMALL)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("--json", "there/r.json"),
            "--json there/r.json cannot be written: there is no folder there; make it first",
        ),
        (("--junit", "."), "--junit . cannot be written: it is a folder"),
        (
            ("--json", "mine.py"),
            "--json mine.py cannot be written: it is there, and .py is no suffix of a report; "
            "name another file",
        ),
        (
            ("--markdown", "mine.py/x"),
            "--markdown mine.py/x cannot be written: there is no folder mine.py; make it first",
        ),
        (
            ("--json", "-", "--junit", "-"),
            "--json and --junit both write to standard output: name another file for one of them",
        ),
        (
            ("--json", "r", "--markdown", "./r"),
            "--json and --markdown both write to ./r: name another file for one of them",
        ),
    ],
)
def test_what_cannot_be_written_is_told_before_the_run(monkeypatch, words, sentence):
    monkeypatch.setattr(
        "harness.runs.verify.verify", lambda *words, **options: pytest.fail("it ran")
    )
    assert complaint(*FEW, *words) == sentence


def test_the_look_before_the_run_leaves_nothing_behind(monkeypatch):
    Path("old.json").write_text("old")
    monkeypatch.setattr("harness.runs.verify.verify", lambda *words, **options: 1 / 0)
    result = CliRunner().invoke(cli, [*FEW, "--json", "old.json", "--junit", "new.xml"])
    assert isinstance(result.exception, ZeroDivisionError)
    assert Path("old.json").read_text() == "old"
    assert not Path("new.xml").exists()
