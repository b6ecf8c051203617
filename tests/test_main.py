"""Ctrl-C at any moment of start-up: one word, status 130, and no traceback."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there"),
]
LIGHT = ("__init__.py", "__main__.py")  # what Python runs before it reaches the guard


def interrupted(name, seconds):
    """Starts a campaign and interrupts it after so many seconds: its status, and what it said."""
    words = ("campaign", name, "--implementations", "numpy", "--cases", "100000000")
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", *words], stderr=subprocess.PIPE, text=True
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


def check_at(moments):
    """Interrupts at each of the moments; returns how many of them came to the guard."""
    count = 0
    for number, seconds in enumerate(moments):
        status, errors = interrupted(f"c{number}", seconds)
        assert "Exception ignored" not in errors, (seconds, errors)
        if status == 130:
            assert "Traceback" not in errors, (seconds, errors)
            assert errors.splitlines()[-1].startswith("interrupted"), (seconds, errors)
            count += 1
        else:  # Python itself was still starting, and knows nothing of the guard
            assert status in (1, -signal.SIGINT), (seconds, status, errors)
            files = re.findall(r"/harness/(\S+\.py)", errors)
            assert set(files) <= set(LIGHT), (seconds, errors)
    return count


@pytest.fixture
def unit(tmp_path, monkeypatch):
    """An empty folder; seconds that the command needs to start, with what else runs here now."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.chdir(tmp_path)
    start = time.monotonic()
    subprocess.run([sys.executable, "-m", "harness", "--version"], check=True, capture_output=True)
    return time.monotonic() - start


def test_ctrl_c_while_the_command_starts_is_one_word(unit):
    assert check_at(unit * share for share in (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0, 1.5)) >= 5


@pytest.mark.long
def test_ctrl_c_at_every_moment_of_start_up_is_one_word(unit):
    moments = 75
    assert check_at(number * 0.02 for number in range(moments)) >= moments // 2
