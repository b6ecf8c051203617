"""A folder of its own for every test, with a user's module in it."""

import sys
from pathlib import Path

import pytest

from tests.cli.commands import MINE


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    Path("mine.py").write_text(MINE)
