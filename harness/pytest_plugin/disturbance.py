"""Has the judge catch a known mistake after each test that used it.

The code under test shares its process. A mock of the test itself is put aside meanwhile.
"""

import sys
from typing import Any

import pytest

from harness.pytest_plugin.figures import Figures


def after_call(figures: Figures) -> str:
    """Says what disturbed the judge in a test with verdicts, which are withdrawn then."""
    guarded = _guarded()
    if guarded is None or not figures.tallies:
        return ""
    with guarded.mocks_aside():
        reason: str = guarded.disturbance()
    if reason:
        figures.withdraw()
    return reason


def after_teardown(figures: Figures) -> None:
    """Fails where a test with verdicts has left something replaced; it is put back."""
    guarded = _guarded()
    if guarded is not None and figures.tallies and (reason := guarded.leftovers()):
        pytest.fail(reason, pytrace=False)


def _guarded() -> Any:
    """Returns the module if some test has loaded it."""
    return sys.modules.get("harness.judge.shared_process.guarded")
