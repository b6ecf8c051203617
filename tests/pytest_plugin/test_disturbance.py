"""A test that disturbs the judge: its verdicts are withdrawn, and mocks that are taken away are no
matter.
"""

import pytest

USER = """
import numpy as np
import pytest
from harness import check, sample_cases
from references.numpy_rnn import run

def agree():
    for case in sample_cases(3):
        check(case, run)

def test_mocks_what_is_not_used(monkeypatch):
    monkeypatch.setattr(np.random, "standard_normal", None)
    monkeypatch.setattr(np, "einsum", None)
    agree()

def test_mocks_after_its_checks(monkeypatch):
    agree()
    monkeypatch.setattr(np, "tanh", np.sin)
    yield_ = np.tanh
    assert yield_ is np.sin

def test_mocks_without_a_check(monkeypatch):
    monkeypatch.setattr(np, "tanh", np.sin)

def test_mocks_before_its_checks(monkeypatch):
    monkeypatch.setattr(np, "tanh", np.sin)
    agree()

def test_leaves_a_mock():
    agree()
    np.tanh = np.sin

def test_disturbs():
    agree()
    import harness.judge.shared_process.known_case
    harness.judge.shared_process.known_case.WRONG = harness.judge.shared_process.known_case.RIGHT

def test_at_the_end():
    agree()
"""


def test_each_is_told_what_it_did(run_plugin, mine):
    mine.makepyfile(test_own=USER)
    result = run_plugin("-v", "--parity-no-sight")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    outcomes = result.parseoutcomes()
    assert (outcomes["passed"], outcomes["failed"], outcomes["errors"]) == (5, 2, 1)
    result.stdout.fnmatch_lines_random(
        [
            "*test_mocks_before_its_checks FAILED*",
            "*test_leaves_a_mock ERROR*",
            "*test_disturbs FAILED*",
            "*before its call something replaced numpy.tanh, which the judge uses",
            "after its end the test had replaced numpy.tanh, which the judge uses",
            "the judge was disturbed: something replaced *.shared_process.known_case.WRONG, *",
            "references.numpy_rnn:run: 12 cases agree, 4 crashed (6 tests)*",
        ]
    )
