"""A campaign that is stopped in every way goes on, and comes to what an undisturbed one comes to."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from harness.campaign.open_journal import Unusable, read
from harness.campaign.report import document
from tests.campaign.conftest import ENVIRONMENT, HERE, campaign, command, report, result
from tests.campaign.kills import killed

WORDS = (
    "--implementations",
    "numpy",
    "--cases",
    "12000",
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


def test_kills_lose_nothing_and_change_nothing(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    lost, changed, shards, fruitful = killed("killed", WORDS, 6, random.Random(1), patience=4.0)
    assert (lost, changed) == (0, 0)
    assert fruitful  # else nothing was shown
    assert shards == 48
    assert (
        campaign("whole", *WORDS, "--workers", "1").returncode == 0
    )  # with another number of workers, too
    assert result("killed") == result("whole")
    assert (
        sum(row["part"] != {} for row in exported("whole")) > 3
    )  # steered by what earlier ones have taught


def started(*words):
    return subprocess.Popen(
        command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    )


def wait_for_shards(count):
    for _ in range(600):
        try:
            with read(Path("c.campaign")) as journal:
                if len(journal.shard_numbers()) >= count:
                    return
        except Unusable:
            pass
        time.sleep(0.1)
    raise AssertionError("no shard was committed in a minute")


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")
def test_ctrl_c_tells_what_is_safe_and_leaves_no_process():
    process = started("c", *WORDS)
    wait_for_shards(2)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "shards are committed and safe; to go on: rnn-parity campaign resume c" in errors
    assert children
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert campaign("resume", "c").returncode == 0
    assert not result("c")["interrupted"]


def test_a_killed_campaign_leaves_no_process():
    process = started("c", *WORDS)
    wait_for_shards(1)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    assert children
    assert not psutil.wait_procs(children, timeout=20)[1]


def test_a_second_run_is_refused_while_the_first_goes_on():
    process = started("c", *SLOW)
    wait_for_shards(1)
    second = campaign("resume", "c")
    assert second.returncode == 2
    assert "c.campaign is being written by another run" in second.stderr
    shown = campaign("show", "c")
    assert shown.returncode == 3  # not complete
    assert "not complete: rnn-parity campaign resume c goes on" in shown.stdout
    process.send_signal(signal.SIGKILL)
    process.communicate()


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


def exported(name):
    return [json.loads(line) for line in campaign("export", name, "--jsonl").stdout.splitlines()]


def test_time_ends_a_campaign_and_a_resume_has_nothing_left_to_do():
    done = campaign("c", "--implementations", "numpy", "--time", "3s")
    assert done.returncode == 0, done.stderr
    first = result("c")
    assert not first["interrupted"]
    assert report("c")["seconds"] >= 2
    assert campaign("resume", "c").returncode == 0
    assert result("c") == first


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


@pytest.mark.parametrize("what", ["breaks_numpy", "always_exits"])
def test_one_whose_pace_cannot_be_measured_is_found_by_the_campaign(what):
    done = campaign(
        "c", "--implementations", f"{HERE / 'hostile'}.py:{what}", "--time", "2s", "--cases", "20"
    )
    assert done.returncode == 1, done.stderr
    assert result("c")["findings"]


def test_the_rows_of_an_export_add_up():
    implementation = f"{HERE / 'hostile'}.py:exits"
    done = campaign(
        "c", "--implementations", f"numpy,{implementation}@2", "--cases", "700", "--seed", "2"
    )
    assert done.returncode == 0, done.stdout  # case 3 is no multiple of 2
    rows = exported("c")
    assert [row["shard"] for row in rows] == list(range(len(rows)))
    assert {row["seed"] for row in rows} == {2}
    assert sum(row["cases"] for row in rows) == 700 + 350
    assert sum(row["counts"].get(implementation, {"agrees": 0})["agrees"] for row in rows) == 350
    assert all(row["versions"]["numpy"] for row in rows)
