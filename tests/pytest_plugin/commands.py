"""Runs Python in a process of its own."""

import os
import subprocess
import sys


def command(*words, cwd=None):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTEST_ADDOPTS", "PYTHONPATH")
    }
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env=environment,
    )
