"""The command line: its sentences for what goes wrong, and what a person sees while it runs."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from harness.campaign import progress as module
from harness.campaign.make_plan import shares
from harness.campaign.open_journal import begin
from harness.campaign.plan import Plan, shards
from harness.campaign.progress import Progress
from harness.campaign.tally import Tally
from harness.cli import usage
from harness.cli.main import cli
from harness.runs.resolve import NotFound
from references import installed
from tests.campaign.conftest import campaign


def invoked(*words):
    return CliRunner().invoke(cli, ["campaign", *words])


def test_the_command_line_imports_none_of_it():
    heavy = "{'matplotlib', 'jinja2', 'filelock', 'distributed', 'harness.campaign'}"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, harness.cli.main; print(*{heavy} & set(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
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


def test_shares():
    assert shares("torch, keras/graph@10,torch/all@1000") == {
        "torch": 1,
        "keras/graph": 10,
        "torch/all": 1000,
    }
    if {"torch", "keras"} <= set(installed()):
        assert shares(None) == {"torch": 1, "keras": 100, "keras/graph": 1}


def test_nothing_installed_is_a_sentence(monkeypatch):
    monkeypatch.setattr("harness.campaign.make_plan.installed", lambda: ["numpy"])
    with pytest.raises(
        NotFound,
        match=r"no framework is installed: pip install 'rnn-parity\[all\]', or name --implementations",
    ):
        shares(None)


def test_limits_hold_and_all_is_written_out():
    done = campaign(
        "c",
        "--implementations",
        "torch/all@50",
        "--cases",
        "100",
        "--time-steps",
        "3",
        "--dtype",
        "float64",
        "--workers",
        "1",
    )
    assert done.returncode in (0, 3), done.stderr  # on two cases, some variants refuse both
    assert "torch/packed" in done.stdout


RESULT = {
    "tables": {
        "numpy": Tally("numpy").to_json()
        | {
            "cases": 100,
            "worst_ratio": 0.25,
            "worst_at": {"case": 7, "kind": "chaotic tanh float32", "place": "layer 0"},
        }
    }
}
FAILURE = {
    "group": ["crashed", "raised ValueError", ""],
    "count": 5,
    "reason": "it raised ValueError: \x1b[31m",
}


@pytest.fixture
def journal():
    with begin(
        Path("c.campaign"), Plan({"numpy": 1}, 1000, None, 0, {}, 60.0, 4096, 16, 0.002), {}
    ) as created:
        yield created


def test_plain_lines_where_there_is_no_terminal(journal, capsys, monkeypatch):
    monkeypatch.setattr(module, "EVERY", 0.0)
    with Progress(journal) as progress:
        for name in ("_start", "_last"):
            monkeypatch.setattr(progress, name, getattr(progress, name) - 1)
        progress.update(next(shards(journal.plan)), {**RESULT, "versions": {}})
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("100 of 1,000 verdicts, ")
    assert (
        "s to go; numpy 100; worst ratio 0.250: numpy, chaotic tanh float32, case 7, layer 0; no failure"
        in line
    )


def test_a_table_on_a_terminal(journal):
    progress = Progress(journal)
    tables = {"numpy": RESULT["tables"]["numpy"] | {"failures": [FAILURE]}}
    progress.update(next(shards(journal.plan)), {"tables": tables})
    stream = io.StringIO()
    Console(file=stream, width=110, force_terminal=True).print(progress._screen())
    text = stream.getvalue()
    for part in (
        "c: 100 of 1,000 verdicts",
        "1 kind of failure",
        "numpy",
        "0.250",
        "case 7",
        "5 times: numpy crashed: it raised ValueError: \\x1b",
    ):
        assert part in text.replace("\x1b[1m", ""), part


def test_an_estimate_is_a_time_that_a_person_says():
    assert [module._duration(seconds) for seconds in (5, 89, 600, 3600 * 3)] == [
        "5 s",
        "89 s",
        "10 min",
        "3 h 0 min",
    ]
