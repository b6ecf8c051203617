"""The saved case of a failure, and the notes in its report."""

import os
import subprocess
import sys

import pytest

from harness.draw.saved import load_case
from harness.pytest_plugin.failures import _is_name
from tests.pytest_plugin.user_tests import WRONG

FLAKY = """
from hypothesis import given, settings
from harness import cases
import mine

@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(case=cases())
def test_flaky(parity, case):
    parity.check(case, mine.flaky)
"""


def test_a_failure_shows_the_callers_line_the_example_to_paste_and_the_saved_case(run_plugin, mine):
    mine.makepyfile(WRONG)
    result = run_plugin()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            ">       check(case, mine.no_bias)",
            "E       harness.judge.verdict.Mismatch: mine:no_bias differs: *",
            "E           @example(case=case)  # above the test, below @given(case=cases())",
            "*- rnn-parity -*",
            (
                "saved as rnn-parity-failures/*-test-given-*.case; "
                "replay it with: rnn-parity explain *-test-given-*.case"
            ),
            "saved as rnn-parity-failures/*-test-wrong-*.case; replay it with: *",
        ]
    )
    assert "raise_if_not_verified" not in result.stdout.str()
    shrunk, facts = load_case(next(mine.path.glob("rnn-parity-failures/*-test-given-*.case")))
    assert (shrunk.time, shrunk.batch, shrunk.config.hidden_size) == (1, 1, 1)
    assert facts["implementation"] == "mine:no_bias"
    assert facts["found"].endswith("::test_given")


@pytest.mark.skipif(os.name == "nt", reason="another shell")
def test_a_module_that_pytest_alone_finds_is_replayed_with_its_folder(mine):
    package = mine.path / "my src" / "company"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "layers.py").write_text(
        "from references.numpy_rnn import run\ndef double(case): return 2 * run(case).sequence\n"
    )
    mine.makeini("[pytest]\npythonpath = 'my src'\n")
    mine.makepyfile(
        "from harness import check, sample_cases\nimport company.layers\n"
        "def test_wrong(): check(next(sample_cases(1)), company.layers.double)\n"
    )
    result = mine.runpytest_subprocess("-p", "harness.pytest_plugin", "-p", "no:cacheprovider")
    (note,) = [line for line in result.outlines if line.startswith("saved as")]
    command = note.partition("replay it with: ")[2]
    assert command.startswith("PYTHONPATH='my src' rnn-parity explain ")
    done = subprocess.run(
        command.replace("rnn-parity ", f"{sys.executable} -m harness ", 1),
        shell=True,
        capture_output=True,
        text=True,
    )
    assert "company.layers:double differs" in done.stdout, done.stderr


def test_the_folder_for_failing_cases_is_an_option_and_a_folder_that_cannot_be_is_told(
    run_plugin, mine
):
    mine.makepyfile(WRONG)
    run_plugin("--parity-save", "there", "-k", "test_wrong")
    assert list(mine.path.glob("there/*.case"))
    (mine.path / "file").touch()
    result = run_plugin("--parity-save", "file/inside", "-k", "test_wrong")
    result.stdout.fnmatch_lines(
        ["The case could not be saved: *; --parity-save FOLDER names another folder."]
    )


def test_a_flaky_one_fails_and_its_case_is_saved(run_plugin, mine):
    mine.makepyfile(FLAKY)
    result = run_plugin()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*FlakyFailure*",
            "saved as rnn-parity-failures/*-test-flaky-*.case; *",
            "mine:flaky: * agree, 1 differs *",
        ]
    )


@pytest.mark.parametrize(
    ("name", "is_name"),
    [
        ("torch", True),
        ("keras/graph", True),
        ("mine.py:rnn", True),
        ("command:./rnn", True),
        ("references.numpy_rnn:run", True),
        ("functools:partial", False),
        ("references.case:Case.first_steps", False),
        ("tests.pytest_plugin.test_failures:test.<locals>.<lambda>", False),
        ("__main__:run", False),
        ("my layer: 1", False),
    ],
)
def test_a_command_is_told_only_where_it_finds_what_was_called(name, is_name):
    assert _is_name(name) == is_name
