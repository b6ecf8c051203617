"""A user's module, and the ways in which tests call the command."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import cli, main

MINE = """
import sys
from references import Unsupported
from references.cells.rnn import simple_rnn
from references.numpy_rnn import run

def rnn(inputs, W, U, b):
    return simple_rnn(inputs, W, U, b)

def transposed(inputs, W, U, b):
    return simple_rnn(inputs, W, U.T, b)

def leaves(case):
    sys.exit(0)

def refuses(case):
    raise Unsupported("not today")

def accents(case):
    raise ValueError("caf\\u00e9 \\u2260 \\udcff")

def crashes(case):
    raise ValueError("broken")

def stops(case):
    class Stop(BaseException): pass
    raise Stop("here")

def interrupts(case):
    raise KeyboardInterrupt

first = {}

def caches(case):
    from dataclasses import replace
    return run(replace(case, weights=first.setdefault(case.config, case.weights)))

def limited(case):
    return run(case)

limited.limits = {"tiem": 3}
"""
SIZES = ("--time", "2:6", "--hidden-size", "2:5", "--input-size", "2:5")
SMALL = ("--examples", "8", "--workers", "1", *SIZES)


def command(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own, as a shell does."""
    return subprocess.run(
        [sys.executable, "-m", "harness", *words],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=300,
        env=os.environ | variables,
    )


def main_status(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Runs main() in this process; returns its exit status."""
    monkeypatch.setattr(sys, "argv", ["rnn-parity", *words])
    with pytest.raises(SystemExit) as end:
        main()
    assert isinstance(end.value.code, int)
    return end.value.code


def invoke(*words: str) -> Result:
    """Runs the command without what main() does about its end, which must be no error."""
    result = CliRunner().invoke(cli, list(words), standalone_mode=False)
    assert result.exception is None, result.exception
    return result


def complaint(*words: str) -> str:
    """Returns the sentence of a usage error."""
    result = CliRunner().invoke(cli, list(words))
    assert result.exit_code == 2, (result.output, result.exception)
    assert "Traceback" not in result.output
    *_, last = result.stderr.strip().splitlines()
    assert last.startswith("Error: ")
    return last.removeprefix("Error: ")


def one_line(text: str) -> str:
    return " ".join(text.split())
