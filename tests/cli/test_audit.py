"""The command that says which mistakes a user's own check would catch."""

from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli.main import cli
from harness.runs.worker import audit_in_worker
from tests.cli.commands import complaint, invoke, main_status

pytestmark = pytest.mark.process
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

def tight(run):
    case = notebook_case(scaled=True, dtype="float32", seed=0)
    np.testing.assert_allclose(run(case).sequence, loop(case).sequence, rtol=1e-7)

def unfair(run):
    assert False, "always"

def typo(run):
    assert rnu(CASE)

def leaves(run):
    sys.exit(0)

number = 3
"""


@pytest.fixture(autouse=True)
def _my_checks(_here, monkeypatch):
    """Without frameworks: tests/mistakes/test_rejection.py has them."""
    monkeypatch.setattr(
        "harness.cli.audit.audit_in_worker", partial(audit_in_worker, frameworks=())
    )
    Path("my.py").write_text(MINE)


def test_a_check_that_rejects_right_variants_exits_with_1_and_they_are_named():
    result = invoke("audit", "my.py:tight")
    assert result.return_value == 1
    assert "It rejects 5 of 5 right variants that round differently." in result.output
    assert "  rejects sums in blocks on 1 of 1 call: tighter than arithmetic" in result.output


def test_a_check_on_the_notebooks_own_data_misses_a_transposed_u():
    result = invoke("audit", "my.py:notebook")
    assert result.return_value == 1
    first, *rest = result.output.splitlines()
    assert first.startswith("This check catches ")
    assert "  missed: U transposed. U is used as its own transpose." in rest


def test_a_check_that_cannot_fail_catches_none():
    result = invoke("audit", "my.py:nothing")
    assert result.return_value == 1
    assert result.output.startswith("This check catches 0 of ")


def test_a_check_that_fails_for_the_right_loop_exits_with_2():
    text = "the check fails for the right loop already: always, raised at my.py:"
    assert complaint("audit", "my.py:unfair").startswith(text)


def test_a_check_that_breaks_on_the_right_loop_exits_with_2_and_is_not_our_defect():
    text = complaint("audit", "my.py:typo")
    assert "the right loop" in text
    assert "name 'rnu' is not defined" in text


def test_a_check_that_leaves_the_process_does_not_pass(monkeypatch):
    assert main_status(monkeypatch, "audit", "my.py:leaves") == 2


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gone.py:check", "there is no file gone.py"),
        ("check", "check is 'check', expected package.module:function"),
    ],
)
def test_a_check_that_is_not_there_exits_with_2(name, sentence):
    assert complaint("audit", name).startswith(sentence)


@pytest.mark.parametrize("name", ["nope", "number"])
def test_a_file_without_such_a_check_exits_with_1(name):
    result = CliRunner().invoke(cli, ["audit", f"my.py:{name}"])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Crashed: my.py has no function {name}; it has ")


def test_a_reference_is_no_check_and_the_sentence_says_so():
    text = complaint("audit", "numpy")
    assert "check" in text
    assert "torch" not in text  # no reference is one
