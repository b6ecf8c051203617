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


CHANGES = ("campaign", "tool", "versions", "environment", "seconds", "run")


def result(name):
    """What follows from the plan alone, with all findings in one list beside it."""
    document = report(name)
    findings = [one for entry in document["implementations"] for one in entry["findings"]]
    return {k: v for k, v in document.items() if k not in CHANGES} | {"findings": findings}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """An empty folder."""
    monkeypatch.chdir(tmp_path)
