"""The parent that waits for pytest: no way to end its process is exit status 0, and all others are
as before.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from harness.pytest_plugin import sentinel

pytestmark = pytest.mark.process
PLUGIN = ("-m", "pytest", "-q", "-p", "harness.pytest_plugin", "-p", "no:cacheprovider")
ROOT = Path(__file__).resolve().parents[2]
OWN = {k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS"} | {"PYTHONPATH": str(ROOT)}
TEST = """
import ctypes, os, signal, sys, threading, time
import pytest

def test_right():
    assert True

def test_it():
    {}
"""
ENDS = {
    "os._exit(0)": (1, "ended in test_own.py::test_it with exit status 0"),
    "ctypes.CDLL(None).exit(0)": (1, "ended in test_own.py::test_it with exit status 0"),
    "os.execv('/bin/true', ['true'])": (1, "ended in test_own.py::test_it with exit status 0"),
    "threading.Thread(target=os._exit, args=(0,)).start(); time.sleep(60)": (1, "exit status 0"),
    "import atexit; atexit._run_exitfuncs(); os._exit(0)": (1, "exit status 0"),
    "os.fork() and os._exit(0)": (1, "exit status 0"),
    "os._exit(7)": (7, "with exit status 7"),
    "os.kill(os.getpid(), signal.SIGKILL)": (137, "with signal 9"),
    "ctypes.string_at(0)": (139, "with signal 11"),
}
# A process of pytest's for each: those that end as another one does are long.
LONG = {
    "ctypes.CDLL(None).exit(0)",
    "threading.Thread(target=os._exit, args=(0,)).start(); time.sleep(60)",
    "ctypes.string_at(0)",
    "threading.Thread(target=sys.exit, args=(0,)).start()",
    "pytest.skip()",
}
ORDINARY = {
    "pass": 0,
    "assert False": 1,
    "sys.exit(0)": 1,
    "threading.Thread(target=sys.exit, args=(0,)).start()": 0,
    "raise KeyboardInterrupt": 2,
    "pytest.skip()": 0,
    "if os.fork() == 0: os._exit(0)": 0,
}


def ringed(bodies):
    return [pytest.param(one, marks=pytest.mark.long) if one in LONG else one for one in bodies]


@pytest.fixture
def run(tmp_path):
    def run(body, *words, conftest=""):
        (tmp_path / "test_own.py").write_text(TEST.format(body))
        if conftest:
            (tmp_path / "conftest.py").write_text(conftest)
        return subprocess.run(
            [sys.executable, *(words or PLUGIN)],
            cwd=tmp_path,
            env=OWN,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.mark.parametrize("body", ringed(ENDS))
def test_a_session_that_breaks_off_is_never_a_success(body, run):
    status, sentence = ENDS[body]
    result = run(body)
    assert (result.returncode, sentence in result.stderr) == (status, True), result.stderr
    assert "before the session did" in result.stderr


@pytest.mark.parametrize("body", ringed(ORDINARY))
def test_a_session_that_ends_has_its_own_status_and_no_sentence(body, run):
    result = run(body)
    assert (result.returncode, "before the session" in result.stderr) == (ORDINARY[body], False)


def test_the_plugin_of_a_conftest_has_a_sentinel_too(run):
    loads = 'pytest_plugins = ["harness.pytest_plugin"]'
    result = run("os._exit(0)", "-m", "pytest", "-q", conftest=loads)
    assert (result.returncode, "exit status 0" in result.stderr) == (1, True)


def test_a_process_that_ends_before_the_session_is_none_either(run):
    result = run("pass", conftest="import os; os._exit(0)")
    assert (
        result.returncode,
        "the process of pytest ended with exit status 0" in result.stderr,
    ) == (
        1,
        True,
    )


@pytest.mark.parametrize(
    "words",
    [
        *(("--help",), ("--collect-only",)),
        *(
            pytest.param(words, marks=pytest.mark.long)
            for words in (("--version",), ("--markers",))
        ),
    ],
)
def test_what_runs_no_session_is_a_success(words, run):
    assert run("pass", *PLUGIN, *words).returncode == 0


def test_a_hook_that_ends_the_process_after_the_session_keeps_its_status(run):
    hook = "import os\ndef pytest_unconfigure(): os._exit(0)\n"
    assert run("assert False", conftest=hook).returncode == 1
    assert run("pass", conftest=hook).returncode == 0


def test_a_report_is_there_or_the_status_is_not_0(run, tmp_path):
    hook = (
        "import os, pytest\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_sessionfinish(): os._exit(0)"
    )
    for body, conftest in (("os._exit(0)", ""), ("pass", hook)):
        result = run(body, *PLUGIN, "--junitxml", "report.xml", conftest=conftest)
        assert result.returncode == 1
        assert not (tmp_path / "report.xml").exists()
    (tmp_path / "conftest.py").unlink()
    assert run("pass", *PLUGIN, "--junitxml", "report.xml").returncode == 0
    assert (tmp_path / "report.xml").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_session_ends_with_its_parent(number, tmp_path):
    (tmp_path / "test_own.py").write_text(
        TEST.format("open('begun', 'w').close(); time.sleep(600)")
    )
    process = subprocess.Popen(
        [sys.executable, *PLUGIN], cwd=tmp_path, env=OWN, stdout=subprocess.DEVNULL
    )
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.05)
    (child,) = psutil.Process(process.pid).children()
    os.kill(process.pid, number)
    assert process.wait(30) in (-number, 128 + number)
    psutil.wait_procs([child], timeout=30)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_pytest_in_a_process_of_somebody_else_has_none(monkeypatch):
    monkeypatch.setattr(sentinel.Sentinel, "begin", lambda self: pytest.fail("it forks"))
    monkeypatch.setattr(sys, "argv", ["my_script.py", "-q"])
    sentinel.begin(["-q"])
    monkeypatch.setattr(sys, "argv", ["pytest", "-q"])
    sentinel.begin(["-q", "inner"])
