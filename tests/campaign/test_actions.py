"""Campaigns stopped in every way go on to the result of an undisturbed one; reports are written."""

import json
import random
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from harness.campaign.open_journal import read
from harness.campaign.report import document
from tests.campaign.conftest import (
    ENVIRONMENT,
    HERE,
    campaign,
    command,
    exported,
    report,
    result,
    started,
    wait_for_shards,
)
from tests.campaign.kills import killed

pytestmark = pytest.mark.process


WORDS = (
    "--implementations",
    "numpy",
    "--cases",
    "9000",
    "--seed",
    "3",
    "--time-steps",
    "1:8",
    "--hidden-size",
    "1:8",
)


SLOW = (
    "--implementations",
    f"{HERE / 'hostile'}.py:slow",
    "--cases",
    "4000",
    "--time-steps",
    "1:8",
    "--hidden-size",
    "1:8",
)


def check_kills(kills, words, count):
    """Compares a killed campaign with an undisturbed one that has another number of workers."""
    lost, changed, shards, fruitful = killed("killed", words, kills, random.Random(1), patience=4.0)
    assert (lost, changed, shards) == (0, 0, count)
    assert campaign("whole", *words, "--workers", "1").returncode == 0
    assert result("killed") == result("whole")
    return fruitful


@pytest.mark.deep(seconds=60)
def test_two_kills_lose_nothing_and_change_nothing(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    check_kills(2, [*WORDS, "--cases", "1000"], 4)


@pytest.mark.long
def test_kills_lose_nothing_and_change_nothing(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    assert check_kills(4, WORDS, 36)  # some kill came after a new row, else nothing was shown
    # Some shards were steered by feedback from earlier ones.
    assert any(row["part"] for row in exported("whole"))


@pytest.mark.deep
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")
def test_ctrl_c_tells_what_is_safe_and_leaves_no_process():
    process = started("c", *WORDS, "--cases", "1000")
    wait_for_shards(1)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "committed and safe; to go on: rnn-parity campaign resume c" in errors
    assert children
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert campaign("resume", "c").returncode == 0
    assert not result("c")["interrupted"]


@pytest.mark.deep
def test_a_killed_campaign_leaves_no_process():
    process = started("c", *WORDS)
    wait_for_shards(1)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    assert children
    assert not psutil.wait_procs(children, timeout=20)[1]


@pytest.mark.deep
def test_a_second_run_is_refused_while_the_first_goes_on():
    process = started("c", *SLOW)
    wait_for_shards(1)
    second = campaign("resume", "c")
    assert second.returncode == 2
    assert "c.campaign is being written by another run" in second.stderr
    shown = campaign("show", "c")
    assert shown.returncode == 3  # not complete
    resume = "where it has stopped, rnn-parity campaign resume c goes on"
    assert f"not complete: {resume}" in shown.stdout
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.long
def test_changed_code_is_told_and_wants_a_flag():
    Path("mine.py").write_text("from references.numpy_rnn import run\n")
    process = started("c", "--implementations", "mine.py:run", "--cases", "20000")
    wait_for_shards(1)
    process.kill()
    process.communicate()
    Path("mine.py").write_text("from references.numpy_rnn import run  # changed\n")
    done = campaign("resume", "c")
    assert done.returncode == 3
    assert "Stopped: c was begun with other versions: mine.py was sha256 " in done.stderr
    assert "To go on all the same: --accept-new-versions" in done.stderr
    before = len(exported("c"))
    process = started("resume", "c", "--accept-new-versions")
    wait_for_shards(before + 1)
    process.kill()
    process.communicate()
    versions = {json.dumps(row["versions"]) for row in exported("c") if "shard" in row}
    assert len(versions) == 2  # each row tells its own
    with read(Path("c.campaign")) as journal:
        changed = document(journal)[0]["run"]["changed"]["mine.py"]
    assert len(changed) == 2
    assert sum(changed.values()) == len(exported("c"))
    assert (
        "The versions were not the same throughout: mine.py sha256 " in campaign("show", "c").stdout
    )


@pytest.mark.deep
def test_time_ends_a_campaign_and_a_resume_has_nothing_left_to_do():
    done = campaign("c", "--implementations", "numpy", "--time", "3s")
    assert done.returncode == 0, done.stderr
    first = result("c")
    assert not first["interrupted"]
    assert report("c")["seconds"] >= 2
    assert campaign("resume", "c").returncode == 0
    assert result("c") == first


@pytest.mark.deep
def test_time_is_kept_by_what_is_slow():
    start = time.monotonic()
    done = campaign(
        "c",
        "--implementations",
        f"{HERE / 'hostile'}.py:very_slow",
        "--time",
        "3s",
        "--workers",
        "1",
    )
    assert done.returncode == 0, done.stderr
    assert 1 <= result("c")["implementations"][0]["cases"] <= 60
    assert time.monotonic() - start < 60  # shards for fast ones would take minutes


@pytest.mark.deep
@pytest.mark.parametrize("what", ["breaks_numpy", "always_exits"])
def test_one_whose_pace_cannot_be_measured_is_found_by_the_campaign(what):
    done = campaign(
        "c", "--implementations", f"{HERE / 'hostile'}.py:{what}", "--time", "2s", "--cases", "20"
    )
    assert done.returncode == 1, done.stderr
    assert result("c")["findings"]


HOSTILE = f"{HERE / 'hostile'}.py"


@pytest.mark.long
def test_a_report_that_cannot_be_written_is_told_and_nothing_is_lost():
    Path("c.report/report.html").mkdir(parents=True)
    done = campaign("c", "--implementations", "numpy", "--cases", "50")
    assert done.returncode == 4
    assert "c.report could not be written" in done.stderr
    assert "rnn-parity campaign show c --report FOLDER writes it elsewhere" in done.stderr
    assert "numpy computes what the hand-written loop computes" in done.stdout
    assert campaign("show", "c", "--report", "d").returncode == 0
    assert Path("d/report.html").exists()


@pytest.mark.deep
def test_a_page_of_the_users_is_not_overwritten():
    assert campaign("c", "--implementations", "numpy", "--cases", "50").returncode == 0
    Path("mine").mkdir()
    Path("mine/report.html").write_text("precious")
    done = campaign("show", "c", "--report", "mine")
    assert done.returncode == 2
    assert (
        "mine holds a report.html that is no campaign's: it would be overwritten; take another name"
        in done.stderr
    )
    assert Path("mine/report.html").read_text() == "precious"


@pytest.mark.deep
def test_findings_of_an_earlier_campaign_of_the_name_do_not_stay():
    assert campaign("c", "--implementations", f"{HOSTILE}:raises", "--cases", "20").returncode == 1
    Path("c.report/findings/mine.case").write_text("precious")
    Path("c.campaign").unlink()
    assert campaign("c", "--implementations", "numpy", "--cases", "50").returncode == 0
    assert [path.name for path in Path("c.report/findings").iterdir()] == ["mine.case"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no /dev/full")
@pytest.mark.parametrize(
    ("redirection", "status"),
    [
        ("> /dev/full", 4),
        *(
            pytest.param(*row, marks=pytest.mark.deep)
            for row in [("2> /dev/full", 0), (">&-", 0), ("2>&1 | head -c 1", None)]
        ),
        pytest.param("2>&-", 0, marks=pytest.mark.long),
    ],
)
def test_whatever_becomes_of_the_output_the_report_is_written(redirection, status):
    words = [*command("c"), "--implementations", "numpy", "--cases", "20"]
    done = subprocess.run(
        f"{shlex.join(words)} {redirection}",
        shell=True,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=100,
    )
    assert "Traceback" not in done.stderr
    assert status is None or done.returncode == status, done.stderr
    assert Path("c.report/report.html").exists()
