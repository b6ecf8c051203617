"""Runs in worker processes: the same report as in one process, and what ends a process ends no
run.
"""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from harness import verify
from harness.draw.limits import limits
from harness.implementations.find import NotFound
from harness.processes.endings import TIME_LIMIT
from harness.runs import in_workers, worker
from harness.runs.batches import Block
from harness.runs.in_workers import InWorkers

pytestmark = pytest.mark.process

HERE = "tests.runs.hostile"
SMALL = {"time": (2, 6), "batch": (1, 3), "input_size": (2, 5), "hidden_size": (2, 5)}


def told(report):
    """Everything but the time."""
    return (
        [
            (
                v.kind,
                v.implementation,
                v.reason,
                v.case.origin,
                v.outputs,
                v.exact,
                v.worst,
                v.first,
            )
            for v in report.verdicts
        ],
        report.summaries,
        report.sights,
        {
            (name, found.count, found.small.reason, found.origin, found.diagnosis)
            for name, findings in report.findings.items()
            for found in findings
        },
        report.sentence,
        report.exit_status,
        report.notes,
    )


def with_workers(*names, workers=1, examples=8, time_limit=60.0, **limits):
    return verify(
        *(f"{HERE}:{name}" for name in names),
        examples=examples,
        workers=workers,
        time_limit=time_limit,
        **SMALL | limits,
    )


def test_the_report_does_not_depend_on_the_number_of_workers():
    names = [f"{HERE}:right", f"{HERE}:wrong", "numpy"]
    alone, one, three = (
        verify(*names, examples=16, seed=4, workers=workers, **SMALL) for workers in (None, 1, 3)
    )
    assert told(one) == told(three)
    assert [note.partition(" uses the answer")[0] for note in one.notes] == names[:2]
    # In this process nobody watches what is imported.
    assert told(alone) == told(replace(one, notes=()))
    assert {name: value for name, value in one.environment.items() if "THREADS" in name}[
        "OMP_NUM_THREADS"
    ] == "1"
    assert told(alone) != told(verify(*names, examples=16, seed=5, **SMALL)), (
        "this comparison can fail"
    )


def test_a_function_gets_another_process_where_it_has_worked_for_as_long_as_that_takes(monkeypatch):
    mine = f"{HERE}:right"
    runner, running = InWorkers((mine, "torch"), 2, (60.0, None)), {}
    block = Block((mine,), (0,), 0, limits(), {})
    waiting = {mine: iter([block] * 3)}
    with ThreadPoolExecutor(2) as threads:
        monkeypatch.setattr(InWorkers, "_ask", lambda *_: None)
        runner._hand_out("", waiting, running, threads, None)
        assert [group for group, _ in running.values()] == [mine]
        assert not runner._may_grow(mine, running)
        assert runner._may_grow("torch", running | {0: ("torch", block)})
        runner._began[mine] = began = runner._began[mine] - in_workers.START
        runner._hand_out("", waiting, running, threads, None)
    assert [group for group, _ in running.values()] == [mine, mine]
    assert runner._began == {mine: began}


def test_a_free_core_looks_ahead_only_until_a_worker_has_nothing_to_do():
    ends, steps = Future(), []

    class Ahead:
        def look_ahead(self):
            for step in range(4):
                steps.append(step)
                if step == 1:
                    ends.set_result(None)
                yield step

    in_workers._look_ahead(Ahead(), [Future(), ends])
    assert steps == [0, 1]


@pytest.mark.long
def test_what_is_learned_from_refusals_does_not_depend_on_the_number_of_workers():
    names = [f"{HERE}:refuses_most", "numpy"]
    alone, one, three = (
        verify(*names, examples=130, seed=2, workers=workers, **SMALL) for workers in (None, 1, 3)
    )
    for other in (one, three):
        assert told(alone)[:6] == told(other)[:6]
        assert alone.scopes == other.scopes
    summary = next(one for one in alone.summaries if "refuses" in one.name)
    assert summary.counts["refused"] > 100
    assert summary.counts["agrees"] >= 130
    assert "masks were refused" in alone.sentence


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("exits", "it ended the process with exit status 7"),
        pytest.param(
            "segfaults",
            "it ended the process by SIGSEGV",
            marks=[
                pytest.mark.skipif(os.name == "nt", reason="no signals"),
                pytest.mark.deep,
            ],
        ),
        pytest.param("calls_exit", "it raised SystemExit: 3", marks=pytest.mark.long),
        ("raises", "it raised Private: this and that"),
    ],
)
def test_an_implementation_that_ends_its_process_is_reported_with_its_case_and_the_run_goes_on(
    name, how, tmp_path
):
    report = with_workers(name, "right", save=tmp_path)
    wrong, right = report.summaries
    assert (wrong.counts["crashed"], wrong.counts["agrees"]) == (1, 7)
    assert right.counts["agrees"] == 8
    assert report.exit_status == 1
    (found,) = report.findings[f"{HERE}:{name}"]
    assert found.first.reason == how
    assert found.saved is not None
    assert found.saved.exists()
    assert (
        f"start={({'exits': 3, 'segfaults': 3, 'calls_exit': 1, 'raises': 2})[name]},"
        in found.first.case.origin
    )
    assert how in str(report)


def test_one_that_ends_every_process_is_given_up_and_this_is_said():
    report = with_workers("exits_often", examples=120)
    (summary,) = report.summaries
    assert summary.counts["crashed"] == 3
    assert f"{HERE}:exits_often cost 3 processes, and was judged on no more cases" in str(report)
    count = 120 + report.large - summary.counts.total()
    assert count > 100
    assert report.untried == {summary.name: count}
    assert report.sentence.endswith(f" was given up: {count} cases were never tried.")
    assert report.exit_status == 1


def test_one_that_hangs_is_ended_after_its_time():
    start = time.monotonic()
    report = with_workers("hangs", time_limit=3.0)
    assert report.findings[f"{HERE}:hangs"][0].first.reason == "it took longer than 3 seconds"
    assert report.summaries[0].counts["agrees"] == 7
    assert time.monotonic() - start < 60


def test_an_implementation_that_is_not_there_gets_a_sentence():
    for name, start in (
        ("absent.py:run", "there is no file absent.py"),
        ("torhc", "implementation is 'torhc'"),
    ):
        with pytest.raises(NotFound) as raised:
            verify(name, workers=2)
        assert str(raised.value).startswith(start)
    with pytest.raises(NotFound, match="expected a name: worker processes take"):
        verify(lambda case: None, workers=2)
    for names in (["numpy/absent"], ["numpy", "numpy/absent", f"{HERE}:right"]):
        with pytest.raises(NotFound, match="numpy has no variant 'absent'"):
            verify(*names, workers=2, examples=8)


def test_one_that_ends_the_process_while_it_is_imported_has_crashed(tmp_path):
    (tmp_path / "gone.py").write_text("import os\nos._exit(9)\n")
    name = f"{tmp_path / 'gone.py'}:run"
    report = verify(name, f"{HERE}:right", workers=1, examples=8, **SMALL)
    reason = "it ended the process with exit status 9 when it was imported"
    ((finding,),) = report.findings.values()
    assert (finding.first.kind, finding.first.phase) == ("crashed", "import")
    assert finding.first.reason == reason
    assert report.exit_status == 1
    assert report.summaries[1].counts["agrees"] == 8


NOW_AND_THEN = """
import os
from pathlib import Path
from references.numpy_rnn import run as right
mark = Path(__file__).with_suffix(".mark")
if mark.exists():
    {broken}
mark.touch()
def run(case):
    os._exit(3)
"""


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("os._exit(4)", "it ended the process with exit status 4 when it was imported"),
        pytest.param(
            "1 / 0",
            "now.py cannot be imported: ZeroDivisionError: division by zero",
            marks=pytest.mark.long,
        ),
    ],
)
def test_one_that_could_be_imported_only_once_stops_no_other(tmp_path, broken, reason):
    (tmp_path / "now.py").write_text(NOW_AND_THEN.format(broken=broken))
    name = f"{tmp_path / 'now.py'}:run"
    alone = verify(name, workers=1, examples=20, **SMALL)
    failures = [finding.first.reason for finding in alone.findings[name]]
    assert failures[0] == "it ended the process with exit status 3"
    assert failures[1].endswith(reason)
    assert alone.summaries[0].counts == {"crashed": 2}
    assert not alone.notes
    (tmp_path / "now.mark").unlink()
    beside = verify(name, f"{HERE}:right", workers=1, examples=20, **SMALL)
    assert beside.exit_status == 1
    assert beside.summaries[1].counts["agrees"] >= 20


HANGS_LATER = """
from pathlib import Path
from time import sleep
from references.numpy_rnn import run as right
mark = Path(__file__).with_suffix(".mark")
def run(case):
    if mark.exists():
        sleep(60)
    return right(case).sequence + 1
"""


def test_one_that_hangs_when_its_failure_is_examined_is_ended_after_its_time(tmp_path):
    (tmp_path / "later.py").write_text(HANGS_LATER)

    def mark(count):
        (tmp_path / "later.mark").touch()

    report = verify(
        f"{tmp_path / 'later.py'}:run",
        workers=1,
        time_limit=3.0,
        examples=4,
        progress=mark,
        **SMALL,
    )
    ((finding,),) = report.findings.values()
    assert str(finding.diagnosis) == (
        "Not looked for: it took longer than 3 seconds when it was called again. "
        f"Does it need longer? Raise its time limit: {TIME_LIMIT}."
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_copy_of_the_process_that_an_implementation_makes_does_not_go_on_with_the_work():
    report = with_workers("forks", "right", examples=19)
    assert [summary.counts for summary in report.summaries] == [{"agrees": 19}] * 2
    assert len(report.verdicts) == 38


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"workers": 0},
            "workers is 0, expected None, for this process, or a whole number of at least 1",
        ),
        (
            {"workers": 1.5},
            "workers is 1.5, expected None, for this process, or a whole number of at least 1",
        ),
        ({"time_limit": 0}, "time_limit is 0, expected a number of seconds above 0"),
        ({"time_limit": float("nan")}, "time_limit is nan, expected a number of seconds above 0"),
    ],
)
def test_workers_and_a_time_limit_that_cannot_be_get_a_sentence(given, sentence):
    with pytest.raises(ValueError, match="expected") as raised:
        verify("numpy", **given)
    assert str(raised.value) == sentence


def command(*arguments):
    return [
        sys.executable,
        "-m",
        "harness",
        "verify",
        *arguments,
        "--time",
        "2:6",
        "--batch",
        "1:3",
        "--hidden-size",
        "2:5",
    ]


def test_what_an_implementation_prints_is_not_in_the_report():
    done = subprocess.run(
        command(f"{HERE}:noisy", "--examples", "3"), capture_output=True, text=True, timeout=120
    )
    assert "standard output" not in done.stdout
    assert "descriptor" not in done.stdout
    assert "to standard output" in done.stderr
    assert "and to its descriptor" in done.stderr
    assert done.stdout.strip().endswith("had to be equal, and are.")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a single process")
def test_an_interrupted_run_ends_with_what_is_known_and_leaves_no_process(tmp_path):
    started = tmp_path / "started"
    run = subprocess.Popen(
        command(f"{HERE}:slow", "--examples", "100000"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PARITY_TEST_STARTED": str(started)},
    )
    end = time.monotonic() + 120
    while not started.exists() and time.monotonic() < end:
        time.sleep(0.1)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "interrupted: this is what was known after" in out
    assert "100,000 cases and 25 large ones, seed 0" in out
    assert "Traceback" not in err
    end = time.monotonic() + 30  # Python's own resource tracker ends a moment after its parent
    while _alive_in_session(run.pid) and time.monotonic() < end:
        time.sleep(0.1)
    assert not _alive_in_session(run.pid)


def _alive_in_session(leader):
    """Processes of that session, by Linux's /proc; none can be told elsewhere."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(entry.parent.name)
    return found


ONCE = """
from pathlib import Path

import numpy as np

count = len(list(Path(__file__).parent.glob("import-*")))
Path(__file__).with_name(f"import-{count}").touch()
if count:
    raise RuntimeError("only once")


def wrong(inputs, W, U, b):
    return np.zeros((len(inputs), len(b)))
"""


def test_a_failure_of_what_cannot_be_imported_again_is_still_in_the_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("once.py").write_text(ONCE)
    pool = InWorkers._ask

    def in_a_new_process(self, group, function, *arguments):
        if function is worker.finding_in_worker:
            self._pool.__exit__()
            self._pool.__enter__()
        return pool(self, group, function, *arguments)

    monkeypatch.setattr(InWorkers, "_ask", in_a_new_process)
    report = verify("once.py:wrong", examples=5, workers=1)
    assert report.exit_status == 1
    assert "it could not be imported again: " in str(report)
    assert "only once" in str(report)
