"""The command line of campaigns: its sentences for what goes wrong."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import usage
from harness.cli.main import cli


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


pytestmark = pytest.mark.usefixtures("folder")


def invoked(*words):
    return CliRunner().invoke(cli, ["campaign", *words])


@pytest.mark.process
@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        (
            "harness.cli.campaign",
            {"matplotlib", "jinja2", "filelock", "distributed", "harness.campaign"},
        ),
        ("harness.campaign.actions", {"matplotlib", "jinja2", "distributed"}),
    ],
)
def test_what_a_command_does_not_need_is_not_imported(module, heavy):
    code = f"import sys, {module}; print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--implementations", "tensorflow"), "implementation is 'tensorflow', expected one of"),
        (("--implementations", "nowhere.py:run"), "there is no file nowhere.py"),
        (
            ("--implementations", ","),
            "--implementations names none; expected names separated by commas",
        ),
        (
            ("--implementations", "numpy@0"),
            "'numpy@0' has '0' after its @, expected one case in how many, as in numpy@100",
        ),
        (("--implementations", "numpy@x"), "'numpy@x' has 'x' after its @"),
        (("--implementations", "numpy,numpy@5"), "numpy is named twice"),
        (("--time", "5"), "expected a time such as 90s or 30m, not '5'"),
        (("--time", "0s"), "not '0s'"),
        (("--cases", "0"), "0 is not in the range 1<=x<=1000000000000000"),
        (("--cases", "9" * 20), "is not in the range"),
        (("--seed", "9" * 20), "is not in the range"),
        (("--time", "9" * 20 + "d"), "is more than ten years"),
        (("--implementations", "numpy@" + "9" * 20), "expected one case in how many"),
        (("--memory-limit", "1"), "1 is not in the range 64<=x<="),
        (
            (
                "--nonlinearity",
                "tanh",
                "--regime",
                "mantissa",
                "--nonlinearity",
                "sigmoid",
                "--hidden-size",
                "0",
            ),
            "hidden_size",
        ),
        (("--examples", "nowhere"), "does not exist"),
        (("--time-limit", "nan"), "expected a number of seconds"),
        (("--time-limit", "inf"), "inf is not in the range"),
    ],
)
def test_what_cannot_be_is_a_usage_error_before_anything_is_written(words, sentence):
    result = invoked("c", *words)
    assert (result.exit_code, sentence in result.output) == (2, True), result.output
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("words", [("resume", "c"), ("show", "c"), ("export", "c", "--jsonl")])
def test_a_campaign_that_is_not_there_is_a_usage_error(words):
    result = invoked(*words)
    assert (
        result.exit_code,
        "there is no campaign c: c.campaign does not exist" in result.output,
    ) == (2, True)
    assert not [path for path in Path().iterdir() if path.suffix == ".campaign"]


def test_a_name_that_is_taken_is_a_usage_error_at_once():
    Path("c.campaign").write_text("")
    result = invoked("c", "--implementations", "numpy")
    assert (result.exit_code, "rnn-parity campaign resume c goes on with it" in result.output) == (
        2,
        True,
    )


def test_what_is_not_installed_is_named_with_its_extra(monkeypatch):
    monkeypatch.setattr(usage, "find_spec", lambda name: None if name == "filelock" else name)
    result = invoked("c")
    assert (
        result.exit_code,
        "a campaign needs filelock, which is not installed: pip install 'rnn-parity[campaign]'"
        in result.output,
    ) == (
        2,
        True,
    )


def test_a_start_may_be_spelled_out():
    result = invoked("start", "c", "--implementations", "nothing")
    assert (result.exit_code, "implementation is 'nothing'" in result.output) == (2, True)
