"""Campaigns as a user runs them, with the command in a process of its own or in this one."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.campaign import shard
from harness.campaign.open_journal import NoCampaign, begin, read
from harness.implementations import side_effects
from tests.campaign.journals import FACTS, PATH, PLAN, RESULT

HERE = Path(__file__).parent
ENVIRONMENT = os.environ | {"COLUMNS": "200", "PYTHONPATH": str(HERE.parents[1])}


def command(*words):
    return [sys.executable, "-m", "harness", "campaign", *words]


def campaign(*words, timeout=200):
    """The finished process of `rnn-parity campaign`, in the current folder."""
    return subprocess.run(
        command(*words), capture_output=True, text=True, timeout=timeout, env=ENVIRONMENT
    )


def report(name):
    return json.loads(Path(f"{name}.report/report.json").read_text())


CHANGES = ("campaign", "tool", "versions", "environment", "seconds", "run")


def result(name):
    """What follows from the plan alone, with all findings in one list beside it."""
    document = report(name)
    findings = [one for entry in document["implementations"] for one in entry["findings"]]
    return {k: v for k, v in document.items() if k not in CHANGES} | {"findings": findings}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """An empty folder."""
    monkeypatch.chdir(tmp_path)


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
        except NoCampaign:
            pass
        time.sleep(0.1)
    raise AssertionError("no shard was committed in a minute")


def exported(name):
    return [json.loads(line) for line in campaign("export", name, "--jsonl").stdout.splitlines()]


@pytest.fixture
def no_worker(monkeypatch):
    """This process is no worker: it leaves no word of its calls, and its output is pytest's."""
    monkeypatch.setattr(shard, "here_is", lambda name, index: None)
    monkeypatch.setattr(shard, "still_here", lambda: None)
    monkeypatch.setattr(side_effects, "_drop_output", lambda: False)


@pytest.fixture
def written():
    """A journal of three shards, closed."""
    with begin(PATH, PLAN, FACTS) as journal:
        for number in (2, 0, 5):
            journal.commit(number, RESULT, 1.5 + number)
    return PATH.read_bytes()


@pytest.fixture(scope="session")
def markup(tmp_path_factory):
    """A campaign with findings that want to be markup: its folder, its terminal's text."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("told")
        patch.chdir(folder)
        done = campaign(
            "<b>c",
            "--implementations",
            f"numpy,{HERE / 'hostile'}.py:raises_markup,{HERE / 'hostile'}.py:half_transposed@3",
            "--cases",
            "100",
        )
        assert done.returncode == 1, done.stderr
        found = report("<b>c")
    return folder, done, found
