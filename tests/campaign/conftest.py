"""Campaigns as a user runs them, with the command in a process of its own or in this one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"COLUMNS": "200", "PYTHONPATH": str(HERE.parents[1])}


def command(*words):
    return [sys.executable, "-m", "harness", "campaign", *words]


def campaign(*words, timeout=200):
    """The finished process of `rnn-parity campaign`, in the current folder."""
    return subprocess.run(
        command(*words), capture_output=True, text=True, timeout=timeout, env=ENVIRONMENT
    )


def report(name):
    return json.loads(Path(f"{name}.report/report.json").read_text())


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """An empty folder."""
    monkeypatch.chdir(tmp_path)
