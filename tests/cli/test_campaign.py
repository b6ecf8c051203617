"""`rnn-parity campaign`: what the command line makes of its words, before a campaign begins."""

import pytest

from harness.campaign import actions
from harness.campaign.executors import Stopped
from harness.campaign.journal import NoCampaign, Unwritable
from tests.cli.commands import complaint, invoke


@pytest.fixture
def calls(monkeypatch):
    """What was asked of `harness.campaign.actions`, by name."""
    calls = {}
    for name in ("start", "resume", "show", "export"):
        monkeypatch.setattr(
            actions,
            name,
            lambda *words, _name=name, **options: calls.update({_name: (words, options)}) or 3,
        )
    return calls


@pytest.mark.parametrize("words", [(), ("start",)])
def test_a_name_starts_a_campaign_with_its_options(calls, words):
    result = invoke("campaign", *words, "friday", "--time", "1.5h", "--time-steps", "3", "--blind")
    assert result.return_value == 3
    (name, workers, executor), options = calls["start"]
    assert (name, workers, executor) == ("friday", None, None)
    assert (options["seconds"], options["limits"]) == (5400.0, {"time": (3, 3)})
    assert (options["blind"], options["seed"], options["cases"]) == (True, 0, None)
    assert (options["time_limit"], options["memory_limit"]) == (60.0, 4096)


def test_the_other_commands_take_a_name(calls):
    invoke("campaign", "resume", "friday", "--workers", "2", "--accept-new-versions")
    invoke("campaign", "show", "friday", "--report", "there")
    invoke("campaign", "export", "friday", "--jsonl")
    assert calls["resume"] == (("friday", 2, None, True, False), {})
    assert [str(word) for word in calls["show"][0]] == ["friday", "there"]
    assert calls["export"] == (("friday",), {})


@pytest.mark.parametrize("words", [("exprot",), ("run", "friday"), ("resum", "--cases", "3")])
def test_a_name_that_looks_like_a_command_begins_nothing(calls, words):
    name, *_ = words
    assert complaint("campaign", *words) == (
        f"{name} is no command, which are start, resume, show and export; "
        f"for a campaign of this name: rnn-parity campaign start {name}"
    )
    assert not calls
    for well in (f"start {name}", "--blind friday", "--blind resnet", "resnet --cases 3"):
        calls.clear()
        invoke("campaign", *well.split())
        assert calls["start"][0][0] in well.split()


@pytest.mark.parametrize("text", ["5", "0s", "-1s", "1w", "h", "\u0661s"])
def test_a_time_has_a_number_and_a_unit(text):
    sentence = complaint("campaign", "friday", f"--time={text}")
    assert sentence.endswith(f"expected a time such as 90s or 30m, not {text!r}")


def test_a_time_is_at_most_ten_years():
    assert complaint("campaign", "friday", "--time", "3651d").endswith("is more than ten years")


def test_what_the_user_got_wrong_is_a_usage_error(monkeypatch):
    def refuse(*words):
        raise NoCampaign("there is no campaign friday")

    monkeypatch.setattr(actions, "show", refuse)
    assert complaint("campaign", "show", "friday") == "there is no campaign friday"


@pytest.mark.parametrize("error", [Stopped, Unwritable])
def test_a_campaign_that_cannot_go_on_exits_with_3_and_says_why(monkeypatch, error):
    def stop(*words):
        raise error("the disk is full")

    monkeypatch.setattr(actions, "show", stop)
    result = invoke("campaign", "show", "friday")
    assert (result.return_value, result.stderr) == (3, "Stopped: the disk is full\n")


def test_its_packages_are_needed_before_anything_else(monkeypatch):
    monkeypatch.setattr("harness.cli.usage.find_spec", lambda name: None)
    sentence = complaint("campaign", "friday")
    assert sentence.startswith("a campaign needs filelock, jinja2 and matplotlib, which are not")


def test_cells_are_limits_of_a_campaign(calls):
    invoke("campaign", "friday", "--cell", "gru", "--cell", "lstm", "--cases", "5")
    assert calls["start"][1]["limits"] == {"cell": ("gru", "lstm")}
