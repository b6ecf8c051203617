"""Progress, on a terminal and elsewhere."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from harness.campaign import progress as module
from harness.campaign.open_journal import begin
from harness.campaign.plan import Plan, shards
from harness.campaign.progress import Progress
from harness.campaign.tally import Tally

RESULT = {
    "tables": {
        "numpy": Tally("numpy").to_json()
        | {
            "cases": 100,
            "worst_ratio": 0.25,
            "worst_at": {"case": 7, "kind": "chaotic tanh float32", "place": "layer 0"},
        }
    }
}


FAILURE = {
    "group": ["crashed", "raised ValueError", ""],
    "count": 5,
    "reason": "it raised ValueError: \x1b[31m",
}


@pytest.fixture
def journal():
    with begin(
        Path("c.campaign"), Plan({"numpy": 1}, 1000, None, 0, {}, 60.0, 4096, 16, 0.002), {}
    ) as created:
        yield created


def test_plain_lines_where_there_is_no_terminal(journal, capsys, monkeypatch):
    monkeypatch.setattr(module, "EVERY", 0.0)
    with Progress(journal) as progress:
        for name in ("_start", "_last"):
            monkeypatch.setattr(progress, name, getattr(progress, name) - 1)
        progress.update(next(shards(journal.plan)), {**RESULT, "versions": {}})
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("100 of 1,000 verdicts, ")
    assert (
        "s to go; numpy 100; worst ratio 0.250: numpy, chaotic tanh float32, case 7, layer 0; "
        "no failure"
    ) in line


def test_a_table_on_a_terminal(journal):
    progress = Progress(journal)
    tables = {"numpy": RESULT["tables"]["numpy"] | {"failures": [FAILURE]}}
    progress.update(next(shards(journal.plan)), {"tables": tables})
    stream = io.StringIO()
    Console(file=stream, width=110, force_terminal=True).print(progress._screen())
    text = stream.getvalue()
    for part in (
        "c: 100 of 1,000 verdicts",
        "1 kind of failure",
        "numpy",
        "0.250",
        "case 7",
        "5 times: numpy crashed: it raised ValueError: \\x1b",
    ):
        assert part in text.replace("\x1b[1m", ""), part


def test_an_estimate_is_a_time_that_a_person_says():
    assert [module.duration(seconds) for seconds in (5, 89, 600, 3600 * 3)] == [
        "5 s",
        "89 s",
        "10 min",
        "3 h 0 min",
    ]


def test_a_place_from_a_journal_is_text_in_the_table(journal):
    progress = Progress(journal)
    at = {"case": 7, "kind": "\x1b[2Jchaotic", "place": "[/oops]"}
    tables = {"numpy": RESULT["tables"]["numpy"] | {"worst_at": at}}
    progress.update(next(shards(journal.plan)), {"tables": tables})
    stream = io.StringIO()
    Console(file=stream, width=110, force_terminal=True).print(progress._screen())
    assert "\\x1b[2Jchaotic, case 7, [/oops]" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()
