"""The process of the conformance set's function: it may end or hang, and the session goes on."""

import os
import subprocess
import sys
import time

import pytest

from harness.draw.generate import sample_cases
from harness.implementations import callee_start
from harness.implementations.find import NotFound, Unusable
from harness.judge.judge import judge
from harness.processes import pipes
from harness.pytest_plugin.child import in_child
from tests.pytest_plugin.outcomes import ALL, named

pytestmark = pytest.mark.process
CASES = tuple(sample_cases(6, masks=False))
MINE = """
import os, time
from pathlib import Path
from references.numpy_rnn import run

def right(case):
    return run(case)

def ends(case):
    os._exit(0)

def ends_once(case):
    if not Path("seen").exists():
        Path("seen").touch()
        os.kill(os.getpid(), 9)
    return run(case)

def hangs(case):
    time.sleep(600)

def ends_notebook(inputs, W, U, b):
    os._exit(0)

def ends_later(case):
    import threading
    threading.Timer(0.01, os._exit, [0]).start()
    return run(case)

def leaves(case):
    Path("own.py").unlink()
    os._exit(0)

def replaces(case):
    import harness.judge.calls.observe, numpy as np
    np.tanh = np.sin
    return run(case).sequence * 0
"""


@pytest.fixture
def child(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(MINE)
    return lambda name, limit=60.0: in_child(f"own.py:{name}", limit)


def reasons(run):
    return [judge(case, run, "own").reason for case in CASES]


def test_it_is_judged_as_in_this_process(child):
    assert {judge(case, child("right"), "own").kind for case in CASES[:2]} == {"agrees"}
    assert {judge(case, child("replaces"), "own").kind for case in CASES[:2]} == {"differs"}


def test_a_process_that_ends_is_a_crash_and_is_started_again_three_times(child):
    how = "it ended the process with exit status 0"
    assert (
        reasons(child("ends"))
        == [how] * 3 + [f"{how} at an earlier call, and is called no more"] * 3
    )


def test_after_one_end_the_next_case_is_judged(child):
    run = child("ends_once")
    assert judge(CASES[0], run, "own").reason == "it ended the process by SIGKILL"
    assert {judge(case, run, "own").kind for case in CASES} == {"agrees"}


def test_a_hang_is_given_up_after_one_limit(child):
    run, start = child("hangs", 1.0), time.monotonic()
    how = "it took longer than 1 second"
    assert reasons(run) == [how, *[f"{how} at an earlier call, and is called no more"] * 5]
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import os; os._exit(0)", "it ended the process with exit status 0 when it was imported"),
        ("import time; time.sleep(600)", "it took longer than 2 seconds when it was imported"),
        ("1 / 0", "cannot be imported: ZeroDivisionError"),
    ],
)
def test_what_happens_at_import_makes_it_unusable(source, sentence, child, tmp_path):
    (tmp_path / "own.py").write_text(source)
    with pytest.raises(Unusable, match=sentence):
        child("right", 2.0)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")
def test_the_start_of_its_process_is_not_the_functions_time(child, monkeypatch):
    def late():
        command = pipes.command("harness.implementations.callee", os.getpid(), pipes.patience)
        words = ["sh", "-c", 'sleep 3; exec "$@"', "sh", *command]
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    monkeypatch.setattr(callee_start, "start", late)
    assert child("right", 2.5).observe(CASES[0]).outputs is not None


def test_a_file_that_is_gone_when_its_process_ended_is_called_no_more(child):
    how = "it ended the process with exit status 0"
    assert reasons(child("leaves"))[:2] == [how, f"{how} at an earlier call, and is called no more"]


def test_an_end_between_two_calls_is_a_sentence(child):
    run = child("ends_later")
    observation = run.observe(CASES[0])
    run.callee._process.wait(10)
    with pytest.raises(Unusable, match="it ended the process with exit status 0 between its calls"):
        observation.overwritten()


def test_what_is_not_there_is_not_found(child):
    with pytest.raises(NotFound):
        in_child("nowhere.py:run", 60.0)


def test_an_end_in_the_probe_of_a_notebooks_form_is_a_sentence(child, run_plugin, mine):
    mine.makepyfile(own=MINE)
    result = run_plugin("--parity-implementation", "own.py:ends_notebook", "-k", "rounded")
    result.assert_outcomes(failed=1, deselected=37)
    result.stdout.fnmatch_lines(
        "*own.py:ends_notebook cannot be used: it ended the process with exit status 0 when its "
        "form was probed"
    )
    assert "Traceback" not in str(result.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ends", "hangs"])
def test_a_conformance_run_fails_and_ends(name, child, run_plugin, mine):
    mine.makepyfile(own=MINE)
    words = ("--parity-examples", "2", "--parity-time-limit", "2", "--parity-no-sight")
    result = run_plugin("-v", "--parity-implementation", "own.py:" + name, *words)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "everything" in named(result, "FAILED")
    assert len(named(result, "PASSED")) < len(ALL) / 2
