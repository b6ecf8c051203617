"""The tricks that are played in the judge's own process, in a process that no other test shares:
they reach for all that is in it.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.tricks import TRICKS

TESTS = Path(__file__).with_name("in_process.py")
WORDS = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]


@pytest.mark.process
@pytest.mark.parametrize(
    ("ring", "share"),
    [
        ("not deep and not long", 1.3),
        pytest.param("deep", 0.6, marks=pytest.mark.deep),
        pytest.param("long", 0, marks=pytest.mark.long),
    ],
)
def test_no_trick_in_the_judges_own_process_agrees(ring, share):
    words = ["-m", ring]
    done = subprocess.run([*WORDS, *words, str(TESTS)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > share * len(TRICKS)
