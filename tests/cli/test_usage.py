"""What a user got wrong becomes a usage error; what is our own defect does not."""

import click
import pytest

from harness.cli import usage
from harness.draw.saved import Unreadable
from harness.implementations.find import NotFound, Unusable
from harness.judge.calls.crash import CrashPlace
from references import NotInstalled


@pytest.mark.parametrize("kind", [NotFound, NotInstalled, Unreadable, KeyError])
def test_errors_about_names_frameworks_and_files_become_usage_errors(kind):
    with (
        pytest.raises(click.UsageError, match="the sentence") as raised,
        usage.usage_errors(KeyError),
    ):
        raise kind("the sentence")
    assert isinstance(raised.value.__cause__, kind)


def test_code_that_cannot_be_used_is_no_wrong_command(capsys):
    error = Unusable("my.py cannot be imported: NameError: name 'x' is not defined")
    error.crash = CrashPlace("NameError", "my.py", 3, "<module>", "y = x")
    with pytest.raises(click.exceptions.Exit) as raised, usage.usage_errors():
        raise error
    assert raised.value.exit_code == 1
    assert capsys.readouterr().err.splitlines() == [
        f"Crashed: {error}",
        "  raised at   my.py:3, in <module>: y = x",
    ]
    error.add_note("Nothing was started.")
    with pytest.raises(click.exceptions.Exit), usage.usage_errors():
        raise error
    assert capsys.readouterr().err.splitlines()[2:] == ["Nothing was started."]
    with pytest.raises(click.exceptions.Exit), usage.usage_errors():
        raise Unusable("my.py has no function run; it has none")
    assert capsys.readouterr().err == "Crashed: my.py has no function run; it has none\n"


def test_other_errors_stay_what_they_are():
    with pytest.raises(ValueError, match="ours"), usage.usage_errors():
        raise ValueError("ours")


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"jinja2"}, "the lesson needs jinja2, which is not installed: "),
        (
            {"jinja2", "json", "re"},
            "the lesson needs json, re and jinja2, which are not installed: ",
        ),
    ],
)
def test_what_is_missing_is_named_with_what_installs_it(monkeypatch, missing, words):
    monkeypatch.setattr(usage, "find_spec", lambda name: None if name in missing else name)
    with pytest.raises(click.UsageError) as raised:
        usage.need(("json", "re", "jinja2"), "the lesson", "lesson")
    assert str(raised.value) == f"{words}pip install 'rnn-parity[lesson]'"


def test_nothing_is_raised_where_nothing_is_missing():
    usage.need(("json", "re"), "the lesson", "lesson")
