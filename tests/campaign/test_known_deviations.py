"""Known deviations of the user's own in a campaign: counted, shown, and kept over a resume."""

from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from harness.campaign.journal import NoCampaign
from harness.campaign.make_plan import make_plan
from harness.campaign.open_journal import begin, reopen
from harness.campaign.plan import shards
from harness.campaign.report import document
from harness.campaign.shard import Task, judge_shard
from harness.report.as_json import schema
from harness.runs.deviations import WrongDeviations
from tests.campaign.conftest import campaign, report
from tests.campaign.journals import FACTS, PATH
from tests.campaign.plans import PLAN
from tests.runs.late import KNOWN_LATE, LATE

RUN = ("--implementations", "late.py:rnn", "--cases", "120", "--time-steps", "1:6")
RUN += ("--hidden-size", "1:4", "--input-size", "1:3", "--workers", "1", "--known", "known.toml")


@pytest.fixture
def known():
    Path("known.toml").write_text(KNOWN_LATE)
    Path("late.py").write_text(LATE)


def planned(text, name="late.py:rnn"):
    deviations = {"file": str(Path("known.toml").resolve()), "text": text}
    limits = {"time": (1, 6), "hidden_size": (1, 4), "num_layers": 1, "masks": False}
    limits |= {"bidirectional": False, "go_backwards": False, "initial_states": False}
    limits |= {"nonlinearity": "tanh", "dtype": "float64"}
    own = {"implementations": {name: 1}, "cases": 60, "limits": limits, "steer": False}
    return replace(PLAN, deviations=deviations, **own)


def reported(plan):
    """The report of a campaign that is complete, whose shards ran in this process."""
    with begin(PATH, plan, FACTS) as journal:
        for shard in shards(plan):
            result = judge_shard(Task(plan, shard, {}, frozenset()), ())
            journal.commit(shard.number, {**result, "seconds": 1.0}, 1.0)
        journal.set_fact("complete", "true")
        contents, _ = document(journal)
    Path(PATH).unlink()
    jsonschema.validate(contents, schema())
    return contents


@pytest.mark.process
@pytest.mark.usefixtures("known", "no_worker")
def test_met_ones_are_known_and_those_that_no_longer_hold_fail():
    contents = reported(planned(KNOWN_LATE))
    (one,), (row,) = contents["deviations"], contents["implementations"]
    assert (contents["exit"], one["state"]) == (0, "met")
    assert one["met"] == row["counts"]["known"] == row["known"][0]["count"] > 5
    assert contents["plan"]["deviations"].endswith("known.toml")
    assert "deviations of your own" in contents["sentence"]
    cases = {
        "no longer holds": KNOWN_LATE.replace("time = 5 }, { time = 6", "time = 2"),
        "expired": KNOWN_LATE.replace("2099", "2020"),
        "not tried": KNOWN_LATE.replace("late.py:rnn", "late.py:other"),
    }
    for state, text in cases.items():
        contents = reported(planned(text))
        (one,), (row,) = contents["deviations"], contents["implementations"]
        assert (one["state"], "known" in row["counts"]) == (state, False)
        assert contents["exit"] == 1  # it differs, too
        assert ("Out of date: late-bias" in contents["sentence"]) == (state != "not tried")
    assert one["agreed"] == 0


@pytest.mark.process
@pytest.mark.usefixtures("known", "no_worker")
def test_one_that_no_longer_holds_fails_a_campaign_in_which_all_agrees():
    Path("right.py").write_text(LATE.replace("t < 4", "True"))
    contents = reported(planned(KNOWN_LATE.replace("late.py", "right.py"), "right.py:rnn"))
    assert contents["implementations"][0]["counts"] == {"agrees": 60}
    assert (contents["exit"], contents["deviations"][0]["state"]) == (1, "no longer holds")
    assert contents["deviations"][0]["agreed"] > 5


@pytest.mark.usefixtures("known")
def test_a_file_that_is_none_begins_no_campaign():
    Path("known.toml").write_text("x = ")
    options = {"cases": 1, "seconds": None, "seed": 0, "limits": {}, "time_limit": 60.0}
    options |= {"memory_limit": 4096, "blind": False, "examples": None, "count": 1}
    with pytest.raises(WrongDeviations, match=r"known\.toml is no TOML"):
        make_plan({"numpy": 1}, **options, known=Path("known.toml"), ask=pytest.fail)


@pytest.mark.usefixtures("known")
def test_a_file_that_changed_is_a_sentence_and_one_that_is_gone_is_not_needed():
    begin(PATH, planned(KNOWN_LATE), FACTS).__exit__()
    reopen(PATH).__exit__()
    for text, sentence in ((f"{KNOWN_LATE}#", "has changed since"), ("\xff", "begun with it")):
        Path("known.toml").write_bytes(text.encode("latin1"))
        with pytest.raises(NoCampaign, match=sentence):
            reopen(PATH)
    Path("known.toml").unlink()
    reopen(PATH).__exit__()


@pytest.mark.process
@pytest.mark.long
@pytest.mark.usefixtures("known")
def test_on_the_command_line_they_decide_the_exit_status_and_survive_a_resume():
    run = campaign("c", *RUN)
    assert run.returncode == 0, run.stderr
    assert "known deviation late-bias was met" in run.stdout
    assert "kept for <old> checkpoints" in run.stdout
    assert "rnn-parity findings late-bias" not in run.stdout
    page = Path("c.report/report.html").read_text()
    assert "kept for &lt;old&gt; checkpoints (until 2099-12-31)" in page
    assert "rnn-parity findings late-bias" not in page
    (one,) = report("c")["deviations"]
    assert one["sentence"] in run.stdout.splitlines()
    Path("known.toml").write_text(KNOWN_LATE.replace("2099", "2020"))
    resume = campaign("resume", "c")
    assert (resume.returncode, "has changed since" in resume.stderr) == (2, True)
    Path("known.toml").unlink()
    assert campaign("resume", "c").returncode == 0
    missing = campaign("d", *RUN)
    assert (missing.returncode, "known.toml cannot be read" in missing.stderr) == (2, True)
    assert not Path("d.campaign").exists()
