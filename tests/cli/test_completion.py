"""What a shell offers: implementations by name and by file, references, commands and options."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli.completion import frameworks, implementations
from harness.cli.main import cli


def offers(function, start):
    return [item.value for item in function(None, None, start)]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("to", ["torch", "torch/all"]),
        ("num", ["numpy"]),
        ("com", ["command:"]),
        ("mi", ["mine.py:"]),
        ("sub/o", ["sub/other.py:"]),
        ("nothing", []),
    ],
)
def test_references_all_of_their_variants_and_files_are_offered(start, expected):
    Path("sub").mkdir()
    Path("sub/other.py").touch()
    assert offers(implementations, start) == expected


def test_doctor_is_offered_references():
    assert offers(frameworks, "") == ["numpy", "torch", "keras", "onnx"]
    assert offers(frameworks, "k") == ["keras"]


@pytest.mark.process
@pytest.mark.parametrize(
    ("shell", "text"),
    [
        ("bash", "_rnn_parity_completion"),
        ("zsh", "#compdef rnn-parity"),
        ("fish", "complete --no-files"),
    ],
)
def test_the_command_completes_itself_in_a_shell(shell, text):
    variables = {"_RNN_PARITY_COMPLETE": f"{shell}_source"}
    assert text in CliRunner(env=variables).invoke(cli, [], prog_name="rnn-parity").output


@pytest.mark.process
def test_the_installed_command_completes_commands_implementations_and_options():
    folders = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    name = shutil.which("rnn-parity", path=folders)
    assert name, "the command rnn-parity is not installed"

    def offer(words, number):
        variables = {"COMP_WORDS": words, "COMP_CWORD": str(number)}
        environment = os.environ | variables | {"_RNN_PARITY_COMPLETE": "bash_complete"}
        done = subprocess.run([name], capture_output=True, text=True, timeout=60, env=environment)
        return done.stdout.split()

    assert {"plain,verify", "plain,doctor"} <= set(offer("rnn-parity ", 1))
    assert offer("rnn-parity verify to", 2) == ["plain,torch", "plain,torch/all"]
    assert "plain,--junit" in offer("rnn-parity verify --j", 2)
    assert offer("rnn-parity campaign re", 2) == ["plain,resume"]
