"""A child process takes its pipes out of reach, and ends with its parent."""

import subprocess
import sys
import time

import psutil
import pytest

pytestmark = pytest.mark.process

ECHO = """
import os, sys
from harness.processes.pipes import take_pipes
requests, answers = take_pipes()
print("noise"); os.write(1, b"more noise"); os.closerange(0, 3)
answers.write(requests.readline().upper()); answers.flush()
"""
CHILD = """
import os, subprocess, sys, time
from harness.processes.pipes import end_with
end_with(os.getppid(), 60, leave=lambda: os.rmdir(sys.argv[1]))
print(os.getpid(), subprocess.Popen(["sleep", "600"]).pid, flush=True)
time.sleep(600)
"""
PARENT = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {CHILD!r}, sys.argv[1]])
import time; time.sleep(600)
"""


def start(code, *words):
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def test_what_code_prints_or_closes_is_no_answer():
    process = start(ECHO)
    answer, _ = process.communicate(b"hello\n", timeout=60)
    assert answer == b"HELLO\n"


def test_a_process_ends_soon_after_its_parent_with_its_own_children_and_files(tmp_path):
    (tmp_path / "own").mkdir()
    parent = start(PARENT, str(tmp_path / "own"))
    children = [psutil.Process(int(number)) for number in parent.stdout.readline().split()]
    assert len(children) == 2
    parent.kill()
    parent.communicate()
    until = time.monotonic() + 30
    for child in children:
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < until
            time.sleep(0.1)
    assert not (tmp_path / "own").exists()
