"""pytest inside pytest, beside a user's module `mine`.

What the inner runs import is imported here: NumPy can be loaded once only.
"""

from pathlib import Path

import numpy
import pytest

import harness.cli.main
import harness.pytest_plugin.checks
from harness import cases

IMPORTED = (numpy, harness, cases)
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
