"""The tricks that are played in the judge's own process, in a process that no other test shares: they reach for all that is in it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.tricks import TRICKS

TESTS = Path(__file__).with_name("in_process.py")


@pytest.mark.process
def test_no_trick_in_the_judges_own_process_agrees():
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    done = subprocess.run([*words, str(TESTS)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 2 * len(TRICKS)
