"""Every trick in a user's test under the plugin, and as an implementation of the conformance set:
none is a green run.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.tricks import TRICKS

pytestmark = [pytest.mark.process, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ("-m", "pytest", "-p", "harness.pytest_plugin", "-p", "no:cacheprovider", "-v")
TEST = """
import signal
import sys

import pytest
from harness import check, sample_cases
from references.numpy_rnn import run
from tests.hostile.in_process import PLAIN, _own_signals
from tests.hostile.tricks import TRICKS

@pytest.mark.parametrize("name", TRICKS)
def test_trick(name):
    check(next(sample_cases(1, 1, **PLAIN)), TRICKS[name][0])

def test_right():
    check(next(sample_cases(1, 1, **PLAIN)), run)
"""


def pytest_run(*words, cwd):
    return subprocess.run(
        [sys.executable, *PLUGIN, *words],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_a_test_of_a_trick_fails_with_its_sentence_and_the_next_test_is_right(tmp_path):
    (tmp_path / "test_tricks.py").write_text(TEST)
    result = pytest_run("--parity-no-sight", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    lines = dict(re.findall(r"^test_tricks.py::(\S+) (PASSED|FAILED)", result.stdout, re.MULTILINE))
    assert lines == {f"test_trick[{name}]": "FAILED" for name in TRICKS} | {"test_right": "PASSED"}
    for name, (_, _, sentence) in TRICKS.items():
        assert sentence in result.stdout, name
    assert "INTERNALERROR" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "tricks",
    [
        pytest.param([*TRICKS][::12], marks=pytest.mark.deep, id="some"),
        pytest.param(TRICKS, marks=pytest.mark.long, id="all"),
    ],
)
def test_the_conformance_set_fails_for_every_trick(tricks, tmp_path):
    names = [f"tests.hostile.tricks:{name}" for name in tricks]
    words = [word for name in names for word in ("--parity-implementation", name)]
    words += ["--parity-examples", "2", "--parity-no-sight", "-k", "rounded"]
    result = pytest_run(*words, "--parity-limit", "nonlinearity=tanh", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    lines = re.findall(r"^rnn-parity::(\S+)::rounded (\S+)", result.stdout, re.MULTILINE)
    assert dict(lines) == dict.fromkeys(names, "FAILED")
