"""What comes out, and where: nothing is lost, whatever cannot be written."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from harness.cli.main import cli
from tests.cli.commands import SMALL, command, invoke, one_line

pytestmark = pytest.mark.process
FEW = ("verify", "mine.py:run", *SMALL)
WRONG = ("verify", "mine.py:transposed", *SMALL)


def test_all_files_are_written_beside_the_table():
    result = invoke(*WRONG, "--json", "r.json", "--junit", "r.xml", "--markdown", "r.md")
    assert result.return_value == 1
    assert "Not the same: mine.py:transposed on" in one_line(result.stdout)
    assert json.loads(Path("r.json").read_text("utf-8"))["exit"] == 1
    assert ET.parse("r.xml").getroot().get("failures") == "1"
    assert Path("r.md").read_text("utf-8").startswith("### rnn-parity: ❌ fails")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("json", json.loads),
        ("junit", ET.fromstring),
        ("markdown", lambda text: text.index("### rnn-parity") or text),
    ],
)
def test_standard_output_holds_nothing_but_the_document(name, read):
    result = invoke(*WRONG, f"--{name}", "-")
    assert result.return_value == 1
    read(result.stdout)
    assert "Not the same: mine.py:transposed on" in one_line(result.stderr)
    assert "Not the same" not in result.stdout.split('"sentence"')[0] or name == "markdown"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/stdout")
def test_the_device_of_standard_output_is_standard_output():
    done = command(*WRONG, "--json", "/dev/stdout")
    assert done.returncode == 1
    assert json.loads(done.stdout)["kind"] == "verify"


def test_a_document_is_utf_8_whatever_the_terminal_is():
    done = command(*WRONG, "--markdown", "-", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert done.stdout.startswith("### rnn-parity: ❌ fails")


def test_quiet_is_one_line():
    for words, start in (
        (FEW, "mine.py:run computes what"),
        (WRONG, "Not the same: mine.py:transposed"),
    ):
        (line,) = invoke(*words, "-q").stdout.splitlines()
        assert line.startswith(start)
    result = invoke(*WRONG, "-q", "--json", "-")
    json.loads(result.stdout)
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full to write to")
@pytest.mark.parametrize(("words", "status"), [(FEW, 4), (WRONG, 1)], ids=["agrees", "differs"])
def test_a_disk_that_is_full_loses_no_result_and_turns_agreement_into_4(words, status):
    result = invoke(*words, "--json", "/dev/full", "--junit", "r.xml")
    assert result.return_value == status
    assert "implementation" in result.stdout
    ET.parse("r.xml")
    sentence = "/dev/full could not be written: No space left on device; what it should hold is in "
    match = re.fullmatch(f"{sentence}(.*)\n", result.stderr)
    elsewhere = Path(match[1])
    assert json.loads(elsewhere.read_text())["schema"] == 2
    elsewhere.unlink()


def test_where_not_even_a_temporary_file_can_be_written_the_result_is_printed(monkeypatch):
    monkeypatch.setattr(
        "harness.cli.write.tempfile.NamedTemporaryFile",
        lambda *words, **options: open("/nowhere/at/all"),  # noqa: SIM115
    )
    monkeypatch.setattr("harness.cli.outputs.obstacle", lambda path: "")
    result = invoke(*FEW, "--json", "nowhere/r.json")
    assert result.return_value == 4
    first, _, rest = result.stderr.partition("\n")
    assert first == (
        "nowhere/r.json could not be written: No such file or directory; "
        "nor could a temporary file, so here it is:"
    )
    assert json.loads(rest)["exit"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")
@pytest.mark.parametrize("words", [("--json", "-"), ("-q",), ("--github", "--json", "r.json")])
def test_a_terminal_that_nobody_reads_loses_no_file(tmp_path, words):
    arguments = [sys.executable, "-m", "harness", *FEW, *words, "--junit", "r.xml"]
    summary = tmp_path / "summary.md"
    variables = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    subprocess.run(
        f"{shlex.join(arguments)} 2>/dev/null | true",
        shell=True,
        check=True,
        env=os.environ | variables,
    )
    ET.parse("r.xml")
    if "r.json" in words:
        assert json.loads(Path("r.json").read_text("utf-8"))["exit"] == 0
        assert summary.read_text("utf-8").startswith("### rnn-parity")


def test_outside_github_it_is_said_that_nothing_was_written():
    result = invoke(*WRONG, "--github")
    assert result.return_value == 1
    assert result.stderr == (
        "--github wrote nothing: this is no GitHub workflow (GITHUB_ACTIONS is not 'true'). "
        "--markdown FILE writes the same summary.\n"
    )
    assert "::" not in one_line(result.stdout).replace("mine.py::", "")


def test_in_github_the_summary_is_added_to_and_annotations_follow_the_table(monkeypatch):
    Path("summary.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    result = invoke(*WRONG, "--github")
    assert result.return_value == 1
    assert Path("summary.md").read_text("utf-8").startswith("before\n### rnn-parity: ❌ fails")
    lines = result.stdout.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert len(token) == 32
    end = lines.index(f"::{token}::")
    assert "Not the same" in lines[end - 1]
    assert [line.partition(" ")[0] for line in lines[end + 1 :]] == ["::error"]
    again = invoke(*WRONG, "--github").stdout
    assert not again.startswith(lines[0]), "a token that is known would end the stop"


def test_in_github_an_exception_gives_no_command_even_where_the_report_breaks(monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setattr("harness.runs.report.Report.print_to", lambda *words: 1 / 0)
    result = CliRunner().invoke(cli, [*FEW, "--github"])
    first, last = result.stdout.splitlines()
    assert last == f"::{first.removeprefix('::stop-commands::')}::"


def test_in_github_without_a_summary_file_agreement_is_4(monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = invoke(*FEW, "--github")
    assert result.return_value == 4
    assert "the job's summary was not written: GITHUB_STEP_SUMMARY is not set." in result.stderr
