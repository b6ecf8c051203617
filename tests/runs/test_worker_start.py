"""A worker from its start to its end, as the process sees it that started it."""

import os
import subprocess
import sys
import time

import pytest

from harness.processes.process import Process
from harness.runs.pool import WORKER

pytestmark = pytest.mark.process


def loaded(name):
    return name in sys.modules


def early():
    from harness.implementations.callee_start import _early

    return len(_early)


@pytest.mark.parametrize("for_user", [False, True])
def test_it_loads_the_judge_and_if_need_be_starts_a_functions_process(for_user):
    process = Process(WORKER, 60.0, for_user=for_user)
    try:
        assert process.ask(loaded, "harness.judge.judge") == (True, True)
        assert process.ask(early) == (True, int(for_user))
        assert process.ask(os.getpid) == (True, process.watchdog._process.pid)
    finally:
        process.end("was stopped")


PARENT = """
import os, sys, tempfile
from harness.processes.process import Process
from harness.runs.pool import WORKER
tempfile.tempdir = sys.argv[1]
process = Process(WORKER, 60.0, for_user=True)
if sys.argv[2] == "asked":
    process.ask(os.getpid)
print(process.watchdog._process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
@pytest.mark.parametrize("state", ["asked", "new"])
def test_it_leaves_no_process_and_no_folder_where_its_parent_is_killed(tmp_path, state):
    command = [sys.executable, "-c", PARENT, str(tmp_path), state]
    killed = subprocess.run(command, stdout=subprocess.PIPE, timeout=60)
    assert killed.returncode == -9
    group, until = int(killed.stdout), time.monotonic() + 30
    while any(tmp_path.iterdir()) or _is_alive(group):
        assert time.monotonic() < until
        time.sleep(0.05)


def _is_alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
