"""Each exit status of the design, by the real command; what it prints where letters are few."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from harness.cli import main as module
from harness.cli.main import _flush, cli
from tests.cli.commands import SMALL, command, complaint, main_status, one_line

pytestmark = pytest.mark.process
# Python runs it as it starts: it stands for a defect of ours.
DEFECT = "import harness.judge.certificate as c\nc.certify = None\n"


@pytest.mark.parametrize(
    ("status", "words", "sentence"),
    [
        (0, "mine.py:run", "mine.py:run computes what the hand-written loop computes"),
        (1, "mine.py:transposed", "Not the same: mine.py:transposed on "),
        (1, "mine.py:nosuch", "mine.py:nosuch cannot be used: mine.py has no function nosuch; "),
        (2, "nosuch.py:run", "Error: there is no file nosuch.py"),
        (3, "mine.py:refuses", "Cannot tell: mine.py:refuses never agreed on a case"),
        (
            4,
            "mine.py:rnn",
            "rnn-parity itself broke; this says nothing about the implementations",
        ),
    ],
)
def test_the_real_command_ends_with_the_status_of_the_design(status, words, sentence):
    variables = {}
    if status == 4:
        Path("sitecustomize.py").write_text(DEFECT)
        variables = {"PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])}
    done = command("verify", words, *SMALL, **variables)
    assert done.returncode == status, done.stdout + done.stderr
    assert sentence in one_line(done.stderr if status in (2, 4) else done.stdout)
    assert (done.stderr == "") == (status in (0, 1, 3))
    assert ("Traceback" in done.stderr) == (status == 4)


def test_a_wrong_one_says_where_and_how_to_draw_the_case_again():
    text = one_line(
        command("verify", "mine.py:transposed", *SMALL, PYTHONIOENCODING="ascii").stdout
    )
    assert "does not compute what the hand-written loop computes." in text
    assert "(the first that differs)" in text
    assert "replay rnn-parity explain " in text


@pytest.mark.parametrize("error", [RuntimeError, ValueError, TypeError, KeyError, AssertionError])
def test_a_defect_of_ours_exits_with_4_and_says_so(monkeypatch, capsys, error):
    monkeypatch.setattr("harness.cli.findings.differences", lambda: exec("raise error('fell')"))
    assert main_status(monkeypatch, "findings") == 4
    assert capsys.readouterr().err.endswith(f"{module.OUR_DEFECT}\n")


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (OSError(28, "No space left on device"), 4, "the output could not be written: No space"),
        (BrokenPipeError(), 141, ""),
    ],
)
def test_each_kind_of_end_has_a_status(monkeypatch, capsys, error, status, text):
    def end():
        raise error

    monkeypatch.setattr("harness.cli.findings.differences", end)
    monkeypatch.setattr(sys.stderr, "close", lambda: None)
    assert main_status(monkeypatch, "findings") == status
    assert capsys.readouterr().err.lstrip().startswith(text)


def test_an_unknown_command_is_a_usage_error():
    assert complaint("nothing").startswith("No such command 'nothing'.")


def test_an_error_of_letters_that_the_terminal_lacks_is_printed_all_the_same():
    done = command("verify", "mine.py:accents", *SMALL, PYTHONIOENCODING="ascii")
    assert done.returncode == 1, done.stderr
    assert "crashed on 8 cases: it raised ValueError: caf" in one_line(done.stdout)


ALONE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"PYTHONIOENCODING": "ascii"}, id="ascii"),
        pytest.param({"PYTHONIOENCODING": "cp1252"}, id="cp1252", marks=pytest.mark.deep),
        pytest.param(ALONE, id="C"),
    ],
)
def test_where_the_terminal_has_few_letters_the_table_is_drawn_with_those(variables):
    done = command("verify", "mine.py:run", *SMALL, **variables)
    assert done.returncode == 0
    done.stdout.encode("ascii")
    assert "\\u" not in done.stdout
    assert re.search(r"^\|mine\.py:run +\| +8 \| +0 \|", done.stdout, re.MULTILINE), done.stdout


COLOUR = re.compile(r"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9]+)*m")


def test_no_color_is_heeded_and_nothing_is_said_by_colour_alone():
    forced = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
    plain = command("verify", "mine.py:transposed", *SMALL, NO_COLOR="1", **forced).stdout
    coloured = command("verify", "mine.py:transposed", *SMALL, **forced).stdout
    assert "─" in plain  # where the terminal has this letter
    assert "\x1b[1m" in coloured  # so that FORCE_COLOR has an effect here
    assert not COLOUR.search(plain)
    untimed = [
        re.sub(r", [0-9.]+ s(?=;|$)", "", re.sub(r"\x1b\[[0-9;]*m", "", text), flags=re.MULTILINE)
        for text in (plain, coloured)
    ]
    assert untimed[0] == untimed[1]
    assert "differs" in untimed[0]


@pytest.mark.parametrize("words", [(), *((name,) for name in cli.commands)], ids=" ".join)
def test_every_command_has_help_that_begins_with_a_short_sentence(words):
    result = CliRunner().invoke(cli, [*words, "--help"])
    assert result.exit_code == 0
    first = one_line(result.output.split("\n\n")[1])
    assert first.endswith(".")
    assert len(first) <= 63, "the list of commands would cut it at 80 columns"
    if words:
        assert "\n  Example" in result.output
        assert one_line(CliRunner().invoke(cli, ["--help"]).output).count(first) == 1


@pytest.mark.parametrize("action", ["start", "resume", "show", "export"])
def test_every_action_of_a_campaign_has_help_with_an_example(action):
    result = CliRunner().invoke(cli, ["campaign", action, "--help"])
    assert result.exit_code == 0
    assert "\n  Example" in result.output


def test_the_version_is_printed():
    result = CliRunner().invoke(cli, ["--version"])
    assert (result.exit_code, result.output.split(",")[0]) == (0, "rnn-parity")


LOADED = """
import sys
from click.testing import CliRunner
from harness.cli.main import _flush, cli
result = CliRunner().invoke(cli, ["verify", "--help"])
heavy = {"torch", "keras", "tensorflow", "hypothesis", "matplotlib", "jinja2", "nbformat"}
print(result.exit_code, sorted({*heavy, "harness.lesson", "harness.campaign"} & set(sys.modules)))
"""


def loaded(statement):
    """Runs Python code in a process of its own, where the command is not loaded yet."""
    return subprocess.run(
        [sys.executable, "-c", statement], capture_output=True, text=True, timeout=60, check=True
    ).stdout


def test_help_loads_no_framework_and_nothing_that_draws():
    assert loaded(LOADED).strip() == "0 []"


# What takes a command long to load, and the list of commands nothing.
LIST = """
import sys
from harness.cli.main import _flush, cli
cli([*(), "--help"], standalone_mode=False)
heavy = {"numpy", "rich", "psutil", "packaging", "safetensors", "references", "harness.runs.verify"}
print(sorted(heavy & set(sys.modules)))
"""


def test_the_list_of_commands_loads_none_of_them_and_no_numpy():
    assert loaded(LIST).splitlines()[-1] == "[]"
    verify = loaded(LIST.replace("*()", "'verify'")).splitlines()[-1]
    assert "numpy" in verify, "the probe notices nothing"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full to write to")
@pytest.mark.parametrize("words", ["--help", "findings"])
def test_an_output_that_a_full_disk_loses_is_a_sentence(words):
    assert status_on_a_full_disk(words) == 4


def status_on_a_full_disk(words):
    """The exit status, after the sentence about it."""
    command = f"{sys.executable} -m harness {words} > /dev/full"
    done = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True, timeout=100)
    assert done.stderr == "the output could not be written: No space left on device\n"
    return done.returncode


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full to write to")
@pytest.mark.parametrize("quiet", ["", "-q"])
@pytest.mark.parametrize(("name", "status"), [("numpy", 4), ("mine.py:transposed", 1)])
def test_a_difference_is_1_though_its_report_is_lost(name, status, quiet):
    assert status_on_a_full_disk(f"verify {name} --examples 5 {quiet}") == status


@pytest.mark.parametrize(("status", "expected"), [(0, 4), (1, 1), (3, 3), (141, 141)])
def test_what_is_lost_at_the_very_end_hides_no_status(status, expected, monkeypatch, tmp_path):
    with (tmp_path / "out").open("w") as out:

        def flush():
            raise OSError(errno.ENOSPC, "No space left on device")

        stream = SimpleNamespace(flush=flush, fileno=out.fileno)
        monkeypatch.setattr(sys, "stdout", stream)
        assert _flush(status) == expected


@pytest.mark.skipif(os.name == "nt", reason="there is no sh")
@pytest.mark.parametrize(
    ("words", "status"), [("verify numpy --examples 5", 0), ("verify nope.py:x", 2)]
)
def test_a_standard_error_that_is_closed_changes_no_status(words, status):
    done = subprocess.run(f"{sys.executable} -m harness {words} 2>&-", shell=True, timeout=100)
    assert done.returncode == status


@pytest.mark.skipif(os.name == "nt", reason="Windows has no head")
@pytest.mark.parametrize("words", ["findings", "doctor numpy", "verify numpy --examples 3"])
def test_an_output_that_nobody_reads_to_its_end_is_no_error(words):
    command = f"({sys.executable} -m harness {words}; echo $? > status) | true"
    done = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True, timeout=100)
    assert (done.stderr, Path("status").read_text()) == ("", "141\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no head")
@pytest.mark.parametrize("quiet", ["", "-q"])
def test_files_are_written_though_nobody_reads_the_terminal(quiet):
    words = f"verify numpy --examples 3 --json out.json {quiet}"
    subprocess.run(f"{sys.executable} -m harness {words} | true", shell=True, timeout=100)
    assert json.loads(Path("out.json").read_text())["schema"] == 2
