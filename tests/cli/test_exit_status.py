"""Each exit status of the design, by the real command in a process of its own; and what it prints where letters or colours are few."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import MINE, SMALL, command, one_line

BREAKS_US = (
    "\nimport numpy\nnumpy.show_config = None  # what our own report of the environment calls\n"
)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(MINE)
    Path("breaks.py").write_text(MINE + BREAKS_US)


@pytest.mark.parametrize(
    ("status", "words", "sentence"),
    [
        (0, ("mine.py:run",), "mine.py:run computes what the hand-written loop computes: each of"),
        (1, ("mine.py:transposed",), "Not the same: mine.py:transposed on "),
        (2, ("mine.py:nosuch",), "Error: mine.py has no function nosuch; it has rnn, transposed, "),
        (
            3,
            ("mine.py:refuses",),
            "Cannot tell: mine.py:refuses never agreed on a case, so nothing was shown.",
        ),
        (
            4,
            ("breaks.py:run",),
            "rnn-parity itself broke; this says nothing about the implementations. Please report the lines above.",
        ),
    ],
)
def test_the_real_command_ends_with_the_status_of_the_design(status, words, sentence):
    done = command("verify", *words, *SMALL)
    assert done.returncode == status, done.stdout + done.stderr
    assert sentence in one_line(done.stderr if status in (2, 4) else done.stdout)


ALONE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize(
    "variables",
    [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "cp1252"}, ALONE],
    ids=["ascii", "cp1252", "C"],
)
def test_where_the_terminal_has_few_letters_the_table_is_drawn_with_those(variables):
    done = command("verify", "mine.py:run", *SMALL, **variables)
    assert done.returncode == 0
    done.stdout.encode("ascii")
    assert "\\u" not in done.stdout
    assert re.search(r"^\|mine\.py:run +\| +8 \| +0 \|", done.stdout, re.MULTILINE), done.stdout
    assert "─" in command("verify", "mine.py:run", *SMALL, PYTHONIOENCODING="utf-8").stdout


COLOUR = re.compile(r"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9]+)*m")


def test_no_color_is_heeded_and_nothing_is_said_by_colour_alone():
    forced = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    plain = command("verify", "mine.py:transposed", *SMALL, NO_COLOR="1", **forced).stdout
    coloured = command("verify", "mine.py:transposed", *SMALL, **forced).stdout
    assert "\x1b[1m" in coloured  # so that FORCE_COLOR has an effect here
    assert not COLOUR.search(plain)
    untimed = [
        re.sub(r", [0-9.]+ s$", "", re.sub(r"\x1b\[[0-9;]*m", "", text), flags=re.MULTILINE)
        for text in (plain, coloured)
    ]
    assert untimed[0] == untimed[1]
    assert "differs" in untimed[0]


@pytest.mark.parametrize(
    ("shell", "says"),
    [
        ("bash", "_rnn_parity_completion"),
        ("zsh", "#compdef rnn-parity"),
        ("fish", "complete --no-files"),
    ],
)
def test_the_command_completes_itself_in_a_shell(shell, says):
    assert says in completion(_RNN_PARITY_COMPLETE=f"{shell}_source")


def test_commands_implementations_and_options_are_completed():
    def offered(words, number):
        return completion(
            _RNN_PARITY_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(number)
        ).split()

    assert {"plain,verify", "plain,doctor"} <= set(offered("rnn-parity ", 1))
    assert offered("rnn-parity verify to", 2) == ["plain,torch", "plain,torch/all"]
    assert offered("rnn-parity verify mi", 2) == ["plain,mine.py:"]
    assert "plain,--junit" in offered("rnn-parity verify --j", 2)


def completion(**variables):
    """What the installed command, called by its own name, prints."""
    name = shutil.which(
        "rnn-parity", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    )
    assert name, "the command rnn-parity is not installed"
    return subprocess.run(
        [name], capture_output=True, text=True, timeout=60, env=os.environ | variables
    ).stdout
