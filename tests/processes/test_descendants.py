"""What a process has started ends with it, in whatever group it is."""

import subprocess
import sys
import time

import psutil
import pytest

from harness.processes.descendants import kill_descendants, kill_group

pytestmark = pytest.mark.process
# A child that leads a group of its own, and in it a grandchild whose own parent has ended.
TREE = """
import subprocess, sys, time
shell = "sleep 600 & sleep 600 & echo $!; wait"
orphan = "(sleep 600 & echo $!) & wait; sleep 600"
for code in (shell, orphan):
    child = subprocess.Popen(["sh", "-c", code], stdout=subprocess.PIPE, process_group=0)
    print(child.pid, int(child.stdout.readline()), flush=True)
time.sleep(600)
"""


def is_gone(process):
    until = time.monotonic() + 10
    while psutil.pid_exists(process) and psutil.Process(process).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_children_their_children_and_their_groups_are_killed():
    parent = subprocess.Popen([sys.executable, "-c", TREE], stdout=subprocess.PIPE, text=True)
    numbers = [int(number) for _ in range(2) for number in parent.stdout.readline().split()]
    assert all(map(psutil.pid_exists, numbers))
    kill_descendants(parent.pid)
    assert all(map(is_gone, numbers))
    assert parent.poll() is None
    parent.kill()
    parent.communicate()


def test_what_is_gone_is_no_error():
    process = subprocess.Popen(["true"])
    process.wait()
    kill_descendants(process.pid)
    kill_group(process.pid)
