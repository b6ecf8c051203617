"""Whatever an implementation does to its process: one finding, its case saved, the campaign
complete.
"""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from harness.draw.saved import load_case
from harness.runs import failures
from references import installed
from tests.campaign.conftest import ENVIRONMENT, HERE, campaign, command, result

pytestmark = pytest.mark.process


CASES = 40


SHARED = "which concerns all that runs after it"


# What it does: the sentence, and on how many cases.
HOSTILE = {
    "hostile:segfaults": ("it ended the process by SIGSEGV", 1),
    "hostile:kills_itself": ("it ended the process by SIGKILL", 1),
    "hostile:exits": ("it ended the process with exit status 7", 1),
    "hostile:hangs": ("it took longer than 4 seconds", 1),
    "hostile:eats": ("it took more than 900 MiB of memory", 1),
    "hostile:prints": (f"it printed to standard output, {SHARED}", CASES),
    "hostile:prints_below": (f"it printed to standard output, {SHARED}", CASES),
    "hostile:errstate": (f"it changed NumPy's error state, {SHARED}", CASES),
    "hostile:seeds": (f"it seeded Python's random numbers, {SHARED}", CASES),
    "hostile:seeds_numpy": (f"it seeded NumPy's random numbers, {SHARED}", CASES),
    "hostile:writes": ("it wrote into case.inputs, which belongs to the caller", CASES),
    "hostile:flushes": (f"it set the processor to read subnormal numbers as zero, {SHARED}", CASES),
    "hostile_torch:threads": (f"it changed torch's number of threads, {SHARED}", CASES),
    "hostile_torch:seeds": (f"it seeded torch's random numbers, {SHARED}", CASES),
    "hostile_keras:floatx": (f"it changed Keras' floatx, {SHARED}", CASES),
}


def name_of(short):
    module, _, function = short.partition(":")
    return f"{HERE / module}.py:{function}"


def available(short):
    framework = short.partition(":")[0].removeprefix("hostile_")
    return framework == "hostile" or framework in installed()


SHORT = (
    "hostile:segfaults",
    "hostile:hangs",
)  # the others are long


def test_each_is_one_finding_and_the_campaign_is_complete():
    check_findings(SHORT)


@pytest.mark.long
@pytest.mark.parametrize("short", [name for name in HOSTILE if name not in SHORT])
def test_others_are_one_finding_as_well(short):
    if not available(short):
        pytest.skip(f"{short} needs a framework that is not installed")
    check_findings([short])


def check_findings(names):
    """Runs one campaign with all of these and the loop."""
    limit = "4" if "hostile:hangs" in names else "60"
    words = (
        "--implementations",
        ",".join([*map(name_of, names), "numpy"]),
        "--cases",
        str(CASES),
        "--time-limit",
        limit,
        "--memory-limit",
        "900",
    )
    done = campaign("c", *words)
    assert done.returncode == 1, done.stderr
    told = result("c")
    assert not told["interrupted"]
    rows = {row["name"]: row for row in told["implementations"]}
    assert len(rows) == 1 + len(names)
    assert {row["cases"] for row in rows.values()} == {CASES}
    assert rows["numpy"]["counts"] == {"agrees": CASES}  # beside them nothing is changed
    assert not rows["numpy"]["findings"]
    for short in names:
        sentence, count = HOSTILE[short]
        row = rows[name_of(short)]
        (finding,) = row["findings"]
        assert finding["first"]["kind"] == ("differs" if short == "hostile:writes" else "crashed")
        assert finding["first"]["reason"].startswith(sentence)
        assert finding["count"] == count
        assert sentence in done.stdout
        assert row["counts"].get("agrees", 0) == CASES - count
        load_case(Path("c.report", finding["saved"]))


@pytest.mark.parametrize(
    "short",
    [
        pytest.param("hostile:draws", marks=pytest.mark.deep),
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in (
                "hostile:right",
                "hostile_torch:draws",
                "hostile:clears_the_path",
                "hostile:closes_the_output",
                "hostile:breaks_pickle",
            )
        ),
    ],
)
def test_what_nobody_minds_is_no_finding(short):
    if not available(short):
        pytest.skip(f"{short} needs a framework that is not installed")
    done = campaign("c", "--implementations", name_of(short), "--cases", str(CASES))
    assert (done.returncode, result("c")["findings"]) == (0, []), done.stdout


@pytest.mark.deep
def test_one_that_breaks_what_the_harness_stands_on_is_a_finding_and_a_right_one_is_not_blamed():
    all_three = f"{name_of('hostile:breaks_numpy')},{name_of('hostile:right')},numpy"
    done = campaign("c", "--implementations", all_three, "--cases", "20")
    assert done.returncode == 1, done.stderr
    told = result("c")
    assert not told["interrupted"]
    assert told["implementations"][0]["counts"] == {"agrees": 20}
    raised, left_behind = told["findings"]  # in its first call, and to all that ran after it
    assert raised["first"]["reason"].startswith("it raised TypeError")
    assert left_behind["first"]["reason"] == "it broke the process that runs it: TypeError"


@pytest.mark.deep
def test_one_that_writes_into_every_descriptor_harms_nobody():
    done = campaign("c", "--implementations", name_of("hostile:garbles"), "--cases", "20")
    assert done.returncode == 0, done.stderr


@pytest.mark.deep
def test_one_that_takes_away_the_clock_harms_nobody():
    done = campaign("c", "--implementations", name_of("hostile:breaks_time"), "--cases", "20")
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)


@pytest.mark.deep
@pytest.mark.skipif(sys.platform == "win32", reason="it starts a POSIX command")
def test_a_child_in_a_session_of_its_own_ends_too():
    assert (
        campaign(
            "c", "--implementations", name_of("hostile:leaves_a_child"), "--cases", "5"
        ).returncode
        == 0
    )
    children = [int(line) for line in Path("children").read_text().split()]
    assert children
    assert not any(map(alive, children))


@pytest.mark.deep
@pytest.mark.skipif(sys.platform == "win32", reason="it forks")
def test_a_daemon_that_holds_on_to_the_answers_keeps_nobody_waiting():
    done = campaign(
        "c", "--implementations", name_of("hostile:leaves_a_daemon"), "--cases", "20", timeout=60
    )
    # A process that was asked before dies for nothing, and a new one shows it again.
    daemons = [int(line) for line in Path("children").read_text().split()]
    outlived = [daemon for daemon in daemons if alive(daemon)]
    for daemon in outlived:
        psutil.Process(daemon).kill()
    # Else nothing was shown: nobody can find them, but the campaign did not wait for them.
    assert outlived == daemons
    (finding,) = result("c")["findings"]
    assert (done.returncode, finding["first"]["reason"], finding["count"]) == (
        1,
        "it ended the process with exit status 5",
        1,
    )


@pytest.mark.deep
@pytest.mark.skipif(sys.platform == "win32", reason="groups of processes are POSIX'")
def test_one_that_leaves_its_group_of_processes_is_ended_all_the_same():
    done = campaign(
        "c", "--implementations", name_of("hostile:leaves_its_group"), "--cases", "20", timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.deep
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGCHLD")
def test_whoever_ignores_the_end_of_children_can_start_it():
    words = command("c", "--implementations", f"numpy,{name_of('hostile:exits')}", "--cases", "20")
    ignore = (
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", ignore, *words],
        capture_output=True,
        text=True,
        timeout=100,
        env=ENVIRONMENT,
    )
    assert done.returncode == 1, done.stderr
    (finding,) = result("c")["findings"]
    assert finding["first"]["reason"].startswith("it ended the process")


@pytest.mark.deep
def test_one_that_breaks_the_look_into_its_own_failure_costs_the_look_alone():
    done = campaign(
        "c", "--implementations", name_of("hostile:breaks_the_second_look"), "--cases", "20"
    )
    assert done.returncode == 1, done.stderr
    (finding,) = result("c")["findings"]
    assert finding["diagnosis"]["sentence"] == (
        "It gives no outputs to compare: it broke the process that runs it: TypeError."
    )
    load_case(Path("c.report", finding["saved"]))


@pytest.mark.deep
def test_one_that_ends_every_process_is_left_out_of_the_rest_of_each_shard_and_that_is_counted():
    names = f"{name_of('hostile:always_exits')},numpy"
    small = ("--time-steps", "1:8", "--hidden-size", "1:8")
    done = campaign("c", "--implementations", names, "--cases", "500", *small)
    assert done.returncode == 1
    (finding,) = result("c")["findings"]
    numpy, hostile = result("c")["implementations"]
    assert finding["count"] == hostile["cases"] == 2 * failures.DEATHS
    assert hostile["left_out"] == 500 - hostile["cases"]
    assert numpy["counts"] == {"agrees": 500}
    assert f"was left out of {hostile['left_out']:,} cases" in done.stdout
    assert f"was given up: {hostile['left_out']:,} cases were never tried." in done.stdout
    assert hostile["never_tried"] == hostile["left_out"]


def test_one_that_cannot_be_imported_is_a_sentence():
    Path("broken.py").write_text("import os; os._exit(3)")
    done = campaign("c", "--implementations", "broken.py:run")
    assert done.returncode == 1
    assert "broken.py:run ended the process with exit status 3 when it was imported" in done.stderr
    assert done.stderr.splitlines()[-1] == (
        "No campaign was started: fix this first, or leave it out of --implementations."
    )
    assert not Path("c.campaign").exists()


@pytest.mark.deep
@pytest.mark.skipif(sys.platform == "win32", reason="groups of processes are POSIX'")
def test_what_an_implementation_has_started_ends_with_its_process():
    Path("mine.py").write_text(
        "import subprocess, sys, time\n"
        "def run(case):\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "    print(child.pid, file=open('child', 'w'))\n"
        "    time.sleep(600)\n"
    )
    campaign("c", "--implementations", "mine.py:run", "--cases", "1", "--time-limit", "1")
    assert not alive(int(Path("child").read_text()))


def alive(number):
    return psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE
