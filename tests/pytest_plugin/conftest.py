"""pytest inside pytest, beside a user's module `mine`.

What the inner runs import is imported here: NumPy can be loaded once only, and a module
that is loaded again is not the one that a test patches.
"""

from pathlib import Path

import hypothesis
import numpy
import pytest

import harness.cli.main
import harness.implementations.own_limits
import harness.implementations.resolve
import harness.judge.shared_process.known_case
import harness.judge.shared_process.known_values
import harness.mistakes.check
import harness.pytest_plugin.checks
import harness.report.as_json
import harness.runs.report
from harness import cases

IMPORTED = (numpy, hypothesis, harness, cases)
MINE = Path(__file__).with_name("implementations.py")


@pytest.fixture
def mine(pytester, monkeypatch):
    """pytester, with `mine` to import and no settings of the outer run."""
    pytester.makepyfile(mine=MINE.read_text(encoding="utf-8"))
    pytester.syspathinsert()
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return pytester


@pytest.fixture
def run_plugin(mine):
    """Runs pytest with the plugin, in this process."""

    def run(*words):
        return mine.runpytest_inprocess(
            "-p", "harness.pytest_plugin", "-p", "no:cacheprovider", *words
        )

    return run
