"""The command that says which mistakes a user's own check would see."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import cli, main

MINE = """
import sys
import numpy as np
from harness import check, sample_cases
from harness.draw.example import notebook_case
from references.numpy_rnn import run as loop

CASE = notebook_case(scaled=False, dtype="float64", seed=0)
EXPECTED = loop(CASE).sequence

def notebook(run):
    assert np.max(np.abs(run(CASE).sequence - EXPECTED)) < 1e-6

def nothing(run):
    run(CASE)

def unfair(run):
    assert False, "always"

def typo(run):
    assert rnu(CASE)

def leaves(run):
    sys.exit(0)

number = 3
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    Path("my.py").write_text(MINE)


def invoked(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words), standalone_mode=False)


def complaint(*words: str) -> str:
    result = CliRunner().invoke(cli, list(words))
    assert result.exit_code == 2, (result.output, result.exception)
    assert "Traceback" not in result.output
    *_, last = result.stderr.strip().splitlines()
    return last.removeprefix("Error: ")


def test_a_check_on_the_notebooks_own_data_misses_a_transposed_u() -> None:
    result = invoked("audit", "my.py:notebook")
    assert (result.exception, result.return_value) == (None, 1)
    first, *rest = result.output.splitlines()
    assert first.startswith("This check catches ")
    assert "  missed: U transposed. U is used as its own transpose." in rest


def test_a_check_that_cannot_fail_catches_none() -> None:
    result = invoked("audit", "my.py:nothing")
    assert result.return_value == 1
    assert result.output.startswith("This check catches 0 of ")


def test_a_check_that_fails_for_the_right_loop_exits_with_2() -> None:
    assert (
        complaint("audit", "my.py:unfair") == "the check fails for the right loop already: always"
    )


def test_a_check_that_breaks_on_the_right_loop_exits_with_2_and_is_not_our_defect() -> None:
    text = complaint("audit", "my.py:typo")
    assert "the right loop" in text
    assert "name 'rnu' is not defined" in text


def test_a_check_that_leaves_the_process_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["rnn-parity", "audit", "my.py:leaves"])
    with pytest.raises(SystemExit) as raised:
        main()
    assert raised.value.code == 2


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("my.py:nope", "my.py has no function nope; it has "),
        ("my.py:number", "my.py has no function number; it has "),
        ("gone.py:check", "there is no file gone.py"),
        ("check", "check is 'check', expected package.module:function"),
    ],
)
def test_a_check_that_is_not_there_exits_with_2(name: str, sentence: str) -> None:
    assert complaint("audit", name).startswith(sentence)


def test_a_reference_is_no_check_and_the_sentence_says_so() -> None:
    text = complaint("audit", "numpy")
    assert "check" in text
    assert "torch" not in text  # no reference is one
